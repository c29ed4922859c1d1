// The one text of a live document.
import * as Y from "yjs";
import { difference, overlaps, rebase } from "../text/rebase";

/** The shared text under this key; null when there is none. */
export function textIn(doc: Y.Doc, key: string): Y.Text | null {
  const text = doc.getMap("data").get(key);
  return text instanceof Y.Text ? text : null;
}

/** Tell whether an edit from `base` to `local` and what made the document of `update` of it are about one place. */
export function clashes(base: string, local: string, update: Uint8Array, key: string): boolean {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  const remote = textIn(doc, key)?.toString() ?? "";
  doc.destroy();
  return overlaps(base, local, remote);
}

/** Do to a text what made `local` of `base`, in another document. */
export function carryOver(text: Y.Text, base: string, local: string): void {
  const now = text.toString();
  const span = difference(now, rebase(base, local, now));
  text.doc?.transact(() => {
    text.delete(span.from, span.to - span.from);
    text.insert(span.from, span.insert);
  });
}
