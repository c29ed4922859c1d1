// What yjs uses of `lib0/environment`, which looks for command lines, variables and stores that no page has.
// When yjs or lib0 need more of it, the build fails for the missing name.
export const isBrowser = true;
export const isNode = false;
export const getVariable = () => null;
