// What yjs uses of `lib0/logging`, which brings colours, a console for phones and a schema language along.
// When yjs needs more of it, the build fails for the missing name.
export const BOLD = "";
export const UNBOLD = "";
export const ORANGE = "";
export const RED = "";

export const print = (...words) => console.log(...words.filter((word) => word !== ""));
export const warn = (...words) => console.warn(...words);
