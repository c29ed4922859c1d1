// What a formatted text says without its formats, as `teaching_nb/client/models/threads.py` reads it. Pure.
import { isObject } from "./fitting";

/** Stands for what is no text. */
const IMAGE = "[image]";

/** The text of a `quill_v2` document without its formats; null where it is none. */
export function textIn(data: unknown): string | null {
  const delta = isObject(data) && data.delta;
  const operations = isObject(delta) && delta.ops;
  if (!Array.isArray(operations)) return null;
  let text = "";
  for (const one of operations) {
    const insert = isObject(one) && one.insert;
    if (typeof insert !== "string" && !isObject(insert)) return null;
    text += typeof insert === "string" ? insert : IMAGE;
  }
  return text.replace(/^\n+|\n+$/g, "");
}
