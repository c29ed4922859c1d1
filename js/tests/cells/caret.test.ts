// Whoever types while a cell meets its document goes on typing where they were: what they have just typed is never taken
// out and put in again.
import { describe, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { LiveCell } from "../../src/cells/live-cell";
import { aCell, cellsOfTests, MARK, type Scene, Server, settled } from "./a-live-cell";

cellsOfTests();

/** Where a caret is that stands in a text now, whenever that is asked. */
function caretAt(text: Y.Text, index: number): () => number | undefined {
  const place = Y.createRelativePositionFromTypeIndex(text, index);
  return () => Y.createAbsolutePositionFromRelativePosition(place, text.doc as Y.Doc)?.index;
}

async function typedBefore(server: Server, typed: string): Promise<[Scene, () => number | undefined]> {
  server.failure = new TypeError("Failed to fetch");
  const base = server.hub.text;
  const scene = await aCell(base, "", { server, mark: { ...MARK, base } });
  scene.cell.insert(scene.cell.length, typed);
  server.failure = null;
  return [scene, caretAt(scene.cell, scene.cell.length - 2)];
}

describe("the caret of somebody who types", () => {
  test.each([
    ["", "x = "],
    ["first\n\n", "x = "],
  ])("stays in its place when the cell is connected, in %j", async (base, typed) => {
    const server = new Server(base);
    const [scene, caret] = await typedBefore(server, typed);
    await settled(60_000);

    expect([scene.live.isLive, scene.cell.toString(), server.hub.text]).toEqual([
      true,
      base + typed,
      base + typed,
    ]);
    expect(caret()).toBe(base.length + typed.length - 2);
  });

  test("moves with what others have put before it meanwhile", async () => {
    const server = new Server("first\n\n");
    const [scene, caret] = await typedBefore(server, "x = ");
    server.hub.edit(0, "before\n\n");
    await settled(60_000);

    expect(scene.cell.toString()).toBe("before\n\nfirst\n\nx = ");
    expect(caret()).toBe("before\n\nfirst\n\nx ".length);
  });

  test("stays in its place when the hub has begun another document", async () => {
    const scene = await aCell("one\n\nlast");
    const { hub } = scene.server;
    scene.cell.insert(3, "!");
    await settled();
    hub.forge(scene.live.live?.doc.clientID ?? 0, 0, "forged\n\n");
    scene.cell.insert(scene.cell.length, " mine");
    const caret = caretAt(scene.cell, scene.cell.length - 2);
    await settled(10_000);

    expect(scene.cell.toString()).toBe("forged\n\none!\n\nlast mine");
    expect(caret()).toBe("forged\n\none!\n\nlast mi".length);
  });

  test("of others stays too, when what an earlier page has kept is merged by its text", async () => {
    const server = new Server("one\n\nTWO");
    const strange = new Y.Doc();
    strange.getMap("data").set("code", new Y.Text("one\n\ntwo"));
    const theirs = caretAt(server.hub.doc.getMap("data").get("code") as Y.Text, 6);
    const before = Y.encodeStateVector(strange);
    (strange.getMap("data").get("code") as Y.Text).insert(3, "!");
    const update = Y.encodeStateAsUpdate(strange, before);
    server.store.others.push({ update, base: "one\n\ntwo", local: "one!\n\ntwo" });
    await aCell("one\n\ntwo", "", { server, mark: { ...MARK, base: "one\n\ntwo" } });
    await settled(1_000);

    expect(server.hub.text).toBe("one!\n\nTWO");
    expect(theirs()).toBe(7);
  });

  test("what would end somebody's composing when the cell is connected waits until they have composed", async () => {
    const server = new Server("one");
    server.hub.edit(3, " theirs");
    const cell = new Y.Text("one");
    new Y.Doc().getArray("cells").insert(0, [cell]);
    let isComposing = true;
    const live = new LiveCell({
      mark: { ...MARK, base: "one" },
      course: "kurs",
      documents: server.documents,
      cell: {
        source: cell,
        quietly: (change) => change(),
        isDisturbing: () => isComposing,
        clearUndo: vi.fn(),
      },
    });
    await settled();
    cell.insert(0, "né ");
    expect(cell.toString()).toBe("né one");
    isComposing = false;
    live.release();
    await settled();

    expect([cell.toString(), server.hub.text]).toEqual(["né one theirs", "né one theirs"]);
    live.dispose();
  });
});
