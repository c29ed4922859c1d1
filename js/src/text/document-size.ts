// How large a live document is for the hub: bytes of its data as JSON.
import * as Y from "yjs";
import { LIVE_TEXT_BYTES } from "../schema/limits";

/** One character is at most six bytes in JSON (a control character). */
const JSON_GROWTH = 6;

/** What was counted last in documents of texts alone, how many values they had, and how much had been inserted by then. */
const counted = new WeakMap<Y.Doc, { bytes: number; values: number; inserted: number }>();

/**
 * The size of all of it where that may come near the limit with `more` characters, as it is or larger: larger only
 * where it is far away nevertheless, for counting a long text with every key takes longer than the key. 0 for short texts.
 */
export function sizeNearLimit(doc: Y.Doc, more = 0): number {
  const data = doc.getMap("data");
  const values = [...data.values()];
  const texts = values.filter((value) => value instanceof Y.Text);
  const characters = texts.reduce((sum, { length }) => sum + length, more);
  if (characters * JSON_GROWTH <= LIVE_TEXT_BYTES / 2) return 0;
  const inserted = insertedInto(doc);
  const last = counted.get(doc);
  if (last?.values === values.length && texts.length === values.length) {
    const atMost = last.bytes + (inserted - last.inserted) * JSON_GROWTH;
    if (atMost + more * JSON_GROWTH <= LIVE_TEXT_BYTES) return atMost;
  }
  const bytes = bytesOf(data.toJSON());
  counted.set(doc, { bytes, values: values.length, inserted });
  return bytes;
}

/** Grows by one at least with every character that somebody inserts. */
function insertedInto({ store }: Y.Doc): number {
  let clocks = 0;
  for (const client of store.clients.keys()) clocks += Y.getState(store, client);
  return clocks;
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
