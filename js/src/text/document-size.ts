// How large a live document is for the hub: bytes of its data as JSON.
import * as Y from "yjs";
import { LIVE_TEXT_BYTES } from "../schema/limits";

/** One character is at most six bytes in JSON (a control character). */
const JSON_GROWTH = 6;

/** The size of all of it where it comes near the limit with `more` characters; 0 where that is far away. */
export function sizeNearLimit(doc: Y.Doc, more = 0): number {
  const data = doc.getMap("data");
  let characters = more;
  for (const value of data.values()) if (value instanceof Y.Text) characters += value.length;
  return characters * JSON_GROWTH <= LIVE_TEXT_BYTES / 2 ? 0 : bytesOf(data.toJSON());
}

/** The size of what stands around the text with this key. */
export function sizeAround(doc: Y.Doc, key: string): number {
  const values: [string, unknown][] = [];
  for (const [name, value] of doc.getMap("data"))
    values.push([name, name === key ? "" : value instanceof Y.AbstractType ? value.toJSON() : value]);
  return bytesOf(Object.fromEntries(values));
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}
