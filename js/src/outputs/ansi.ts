// Terminal text as styled pieces: SGR colours, carriage returns and backspaces. Everything else is dropped.

export interface Piece {
  text: string;
  classes: string[];
  /** Colours beyond the sixteen named ones. */
  color?: string;
  background?: string;
}

interface Style {
  classes: Set<string>;
  fg: string | null;
  bg: string | null;
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const ATTRIBUTES: Record<number, string> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
};
const ENDED_BY: Record<number, string[]> = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of control characters
const ESCAPE = /\x1b\[([0-?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]/g;

/** Return `text` as a terminal would leave it: `\r` starts the line again, `\b` goes one back. */
export function overwrite(text: string): string {
  if (!/[\r\b]/.test(text)) return text;
  return text.replace(/\r+\n/g, "\n").split("\n").map(overwriteLine).join("\n");
}

function overwriteLine(line: string): string {
  let written = "";
  for (const part of line.split("\r")) {
    // A rewritten line keeps its rest only when it carries no escapes: columns are not letters there.
    const keepsRest = written.length > part.length && !written.includes("\x1b") && !part.includes("\x1b");
    written = part === "" ? written : keepsRest ? part + written.slice(part.length) : part;
  }
  // Outside of brackets \b would be the border of a word.
  while (/[^\b][\b]/.test(written)) written = written.replace(/[^\b][\b]/g, "");
  return written;
}

export function parseAnsi(source: string): Piece[] {
  const text = overwrite(source);
  const pieces: Piece[] = [];
  const style: Style = { classes: new Set(), fg: null, bg: null };
  let start = 0;
  for (const match of text.matchAll(ESCAPE)) {
    push(pieces, text.slice(start, match.index), style);
    const codes = match[1] ?? "";
    if (match[2] === "m" && /^[\d;:]*$/.test(codes)) applySgr(style, codes.split(/[;:]/).map(Number));
    start = match.index + match[0].length;
  }
  push(pieces, text.slice(start), style);
  return pieces;
}

function push(pieces: Piece[], text: string, style: Style): void {
  if (!text) return;
  const piece: Piece = { text, classes: [...style.classes].map((name) => `tnb-ansi-${name}`) };
  // Somebody who chose both colours gets them; a text colour alone was chosen for another ground than ours.
  const isPicture = style.fg?.startsWith("rgb") && style.bg?.startsWith("rgb");
  const fg = isPicture ? style.fg : style.fg && named(style.fg);
  for (const [side, value] of [
    ["fg", fg],
    ["bg", style.bg],
  ] as const) {
    if (!value) continue;
    if (!value.startsWith("rgb")) piece.classes.push(`tnb-ansi-${value}-${side}`);
    else if (side === "fg") piece.color = value;
    else piece.background = value;
  }
  pieces.push(piece);
}

function applySgr(style: Style, codes: number[]): void {
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(codes.slice(i + 1));
      if (code === 38) style.fg = color;
      else style.bg = color;
      i += used;
    } else {
      applyCode(style, code);
    }
  }
}

function applyCode(style: Style, code: number): void {
  const attribute = ATTRIBUTES[code];
  if (code === 0) {
    style.classes.clear();
    style.fg = style.bg = null;
  } else if (attribute) style.classes.add(attribute);
  else if (ENDED_BY[code]) for (const name of ENDED_BY[code]) style.classes.delete(name);
  else if (code === 39) style.fg = null;
  else if (code === 49) style.bg = null;
  else if (code >= 30 && code <= 37) style.fg = NAMES[code - 30] ?? null;
  else if (code >= 40 && code <= 47) style.bg = NAMES[code - 40] ?? null;
  else if (code >= 90 && code <= 97) style.fg = `bright-${NAMES[code - 90]}`;
  else if (code >= 100 && code <= 107) style.bg = `bright-${NAMES[code - 100]}`;
}

/** The colour of `5;n` or `2;r;g;b`, and how many codes it took. */
function extendedColor(codes: number[]): [string | null, number] {
  if (codes[0] === 2) return [rgb(codes[1], codes[2], codes[3]), 4];
  if (codes[0] !== 5) return [null, codes.length];
  const n = codes[1] ?? 0;
  if (n < 8) return [NAMES[n] ?? null, 2];
  if (n < 16) return [`bright-${NAMES[n - 8]}`, 2];
  if (n >= 232) return [rgb(8 + (n - 232) * 10, 8 + (n - 232) * 10, 8 + (n - 232) * 10), 2];
  const level = (value: number) => (value ? 55 + value * 40 : 0);
  const cube = n - 16;
  return [rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)), 2];
}

/** The named colour next to `rgb(…)`; greys become the faint text colour, names stay. */
function named(color: string): string {
  if (!color.startsWith("rgb")) return color;
  const [r = 0, g = 0, b = 0] = (color.match(/\d+/g) ?? []).map(Number);
  const [max, min] = [Math.max(r, g, b), Math.min(r, g, b)];
  if (max - min < 48) return max > 160 || max < 40 ? "white" : "black";
  const sixth =
    max === r ? (g - b) / (max - min) : max === g ? 2 + (b - r) / (max - min) : 4 + (r - g) / (max - min);
  const hue = (sixth * 60 + 360) % 360;
  const end = [25, 75, 165, 200, 265, 335, 361].findIndex((limit) => hue < limit);
  return ["red", "yellow", "green", "cyan", "blue", "magenta", "red"][end] ?? "white";
}

function rgb(...parts: (number | undefined)[]): string {
  const bytes = parts.map((part) => Math.min(255, Math.max(0, Math.trunc(part || 0))));
  return `rgb(${bytes.join(", ")})`;
}

/** Terminal text as nodes. */
export function ansiNodes(source: string): Node[] {
  return parseAnsi(source).map((piece) => {
    if (!piece.classes.length && !piece.color && !piece.background)
      return document.createTextNode(piece.text);
    const span = document.createElement("span");
    span.className = piece.classes.join(" ");
    if (piece.color) span.style.color = piece.color;
    if (piece.background) span.style.backgroundColor = piece.background;
    span.textContent = piece.text;
    return span;
  });
}
