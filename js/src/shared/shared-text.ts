// The one text of a live document.
import * as Y from "yjs";
import { difference, rebase } from "./rebase";

/** The shared text under this key; null when there is none. */
export function textIn(doc: Y.Doc, key: string): Y.Text | null {
  const text = doc.getMap("data").get(key);
  return text instanceof Y.Text ? text : null;
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
