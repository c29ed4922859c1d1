// Line ends of a cell that is, or will be, live.
//
// JupyterLab's editors count every line end as one character, and the notebook's text counts what stands in the file: in
// a cell with "\r\n" the two would not agree about where something is typed. So the text is made right before an editor
// is made for it; in the hub's text there are only line feeds. A cell that has an editor already is made anew: there is no
// change of its text that both would understand in the same way.
import type { Text } from "yjs";
import { differences } from "../text/merge";
import { cleaned } from "../text/text-rules";
import { KEY } from "./mark";

export interface MarkedCell {
  readonly ysource: Text;
  getMetadata(key: string): unknown;
  transact(change: () => void, undoable?: boolean): void;
}

/** Whether editors count the characters of a text in another way than it does. */
export function hasOtherEnds(text: string): boolean {
  return text.includes("\r");
}

/** Called for every cell before it gets an editor; those that are not marked stay as they are. */
export function endLinesWithFeeds(cell: MarkedCell): void {
  const text = cell.ysource.toString();
  if (!hasOtherEnds(text) || cell.getMetadata(KEY) === undefined) return;
  const changes = differences(text, cleaned(text).text).reverse();
  cell.transact(() => {
    for (const { from, to, insert } of changes) {
      cell.ysource.delete(from, to - from);
      cell.ysource.insert(from, insert);
    }
  }, false);
}
