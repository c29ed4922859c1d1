import { expect, test } from "vitest";
import * as Y from "yjs";
import { endLinesWithFeeds } from "../../src/cells/line-ends";

function aCell(text: string, mark?: object) {
  const doc = new Y.Doc();
  const ysource = new Y.Text(text);
  doc.getArray("cells").insert(0, [ysource]);
  const undoable: (boolean | undefined)[] = [];
  const transact = (change: () => void, isUndoable?: boolean) => {
    undoable.push(isUndoable);
    doc.transact(change);
  };
  return { ysource, getMetadata: () => mark, transact, undoable };
}

test("a marked cell has line feeds before an editor counts its characters; undo does not bring back the rest", () => {
  const cell = aCell("a\r\n\tb\rc\n", { document: "fib" });

  endLinesWithFeeds(cell);

  expect([cell.ysource.toString(), cell.undoable]).toEqual(["a\n\tb\nc\n", [false]]);
});

test("cells that are nobody's document, and texts with line feeds, are left alone", () => {
  const [plain, right] = [aCell("a\r\nb"), aCell("a\nb", { document: "fib" })];

  for (const cell of [plain, right]) endLinesWithFeeds(cell);

  expect([plain.ysource.toString(), plain.undoable, right.undoable]).toEqual(["a\r\nb", [], []]);
});
