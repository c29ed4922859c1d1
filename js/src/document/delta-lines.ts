// What the editor Quill stores, line by line, as `teaching_nb/schema/delta.py` reads it. Pure.
import { isObject } from "./objects";

export type Formats = Record<string, unknown>;

export interface DeltaPiece {
  /** Text, or something in its place such as `{image: address}`. */
  insert: string | Record<string, unknown>;
  formats: Formats;
}

/** Its formats are those of its end. */
export interface DeltaLine {
  pieces: DeltaPiece[];
  formats: Formats;
}

/** Beyond so many pieces or characters a page would be busy for long with drawing them. */
export const MOST_PIECES = 5_000;
export const MOST_CHARACTERS = 200_000;

/** The pieces of a `quill_v2` document; null where it is none. */
export function piecesIn(data: unknown): DeltaPiece[] | null {
  const delta = isObject(data) && data.delta;
  const operations = isObject(delta) && delta.ops;
  if (!Array.isArray(operations)) return null;
  const pieces: DeltaPiece[] = [];
  for (const one of operations) {
    const insert = isObject(one) && one.insert;
    if (typeof insert !== "string" && !isObject(insert)) return null;
    const { attributes } = one as { attributes?: unknown };
    pieces.push({ insert, formats: isObject(attributes) ? attributes : {} });
  }
  return pieces;
}

/** Whether these are few enough to be drawn with their formats. */
export function isDrawable(pieces: DeltaPiece[]): boolean {
  if (pieces.length > MOST_PIECES) return false;
  const sizes = pieces.map(({ insert }) => (typeof insert === "string" ? insert.length : 0));
  return sizes.reduce((sum, size) => sum + size, 0) <= MOST_CHARACTERS;
}

/** The lines of pieces, without empty ones at the beginning and the end. */
export function linesOf(pieces: DeltaPiece[]): DeltaLine[] {
  const lines: DeltaLine[] = [];
  let line: DeltaPiece[] = [];
  for (const { insert, formats } of pieces) {
    if (typeof insert !== "string") {
      line.push({ insert, formats });
      continue;
    }
    const [first = "", ...others] = insert.split("\n");
    if (first) line.push({ insert: first, formats });
    for (const other of others) {
      lines.push({ pieces: line, formats });
      line = other ? [{ insert: other, formats }] : [];
    }
  }
  if (line.length) lines.push({ pieces: line, formats: {} });
  const full = lines.flatMap(({ pieces: held }, index) => (held.length ? [index] : []));
  return full.length ? lines.slice(full[0], (full.at(-1) ?? 0) + 1) : [];
}
