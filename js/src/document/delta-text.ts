// What a formatted text says without its formats, as `teaching_nb/client/models/threads.py` reads it. Pure.
import { type DeltaPiece, piecesIn } from "./delta-lines";

/** Stands for what is no text. */
const IMAGE = "[image]";

/** The text of a `quill_v2` document without its formats; null where it is none. */
export function textIn(data: unknown): string | null {
  const pieces = piecesIn(data);
  return pieces && textOfPieces(pieces);
}

export function textOfPieces(pieces: DeltaPiece[]): string {
  const text = pieces.map(({ insert }) => (typeof insert === "string" ? insert : IMAGE)).join("");
  return text.replace(/^\n+|\n+$/g, "");
}
