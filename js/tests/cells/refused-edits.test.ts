import { describe, expect, test } from "vitest";
import { describeCell, stateOf } from "../../src/cells/cell-state";
import { aCell, cellsOfTests, type Scene, settled, words } from "./a-live-cell";

cellsOfTests();

const WORD = "you may not change this document";

/** The user types just as their access is taken away: neither they nor the page can know yet. */
async function refused(access: "RO_User" | "None_User"): Promise<Scene> {
  const scene = await aCell("given");
  take(scene, access);
  scene.cell.insert(5, " mine");
  await settled(30_000);
  return scene;
}

function take({ server }: Scene, access: "RO_User" | "None_User"): void {
  server.hub.access = access;
  server.hub.refusal = WORD;
}

async function giveBack({ server }: Scene): Promise<void> {
  server.hub.access = "RW_User";
  server.hub.refusal = "";
  for (const wire of server.hub.wires) wire.tell("DOCUMENT_CLOSED", { id: "d1", reason: "resync" });
  await settled(60_000);
}

describe.each([
  ["RO_User", "Read only, not saved"],
  ["None_User", "Not saved"],
] as const)("what was typed as access became %s", (access, said) => {
  test("stays where it is, is said not to be saved, and is saved when access is back", async () => {
    const scene = await refused(access);
    expect([scene.cell.toString(), scene.server.hub.text]).toEqual(["given mine", "given"]);
    expect([words(scene), scene.live.isReadOnly]).toEqual([said, true]);
    await settled(300_000);
    expect(words(scene)).toBe(said);

    await giveBack(scene);

    expect([words(scene), scene.live.isReadOnly, scene.server.hub.text]).toEqual([
      "Saved",
      false,
      "given mine",
    ]);
  });

  test("can be given up: nothing of it comes back with the access", async () => {
    const scene = await refused(access);

    scene.live.live?.discard();
    await settled(10_000);

    expect([scene.cell.toString(), scene.live.aside, scene.store.kept.size]).toEqual(["given", null, 0]);
    await giveBack(scene);
    scene.cell.insert(0, "again ");
    await settled();
    expect([scene.server.hub.text, words(scene)]).toEqual(["again given", "Saved"]);
  });
});

test("a reader hears the others while something of theirs waits", async () => {
  const scene = await refused("RO_User");
  scene.server.hub.edit(0, "more ");
  await settled();

  expect(scene.cell.toString()).toBe("more given mine");
});

test("what is refused is not sent again and again", async () => {
  const scene = await refused("RO_User");
  const sent = () =>
    scene.server.hub.wires.reduce((sum, wire) => sum + wire.askedOf("UPDATE_DOCUMENT").length, 0);
  const before = sent();
  await settled(600_000);

  expect(sent()).toBe(before);
});

test.each([
  ["access", "You have no access any more."],
  ["deleted", "The document was deleted."],
])("who is cut off (%s) is told so at once, not that the hub is away", async (reason, why) => {
  const scene = await aCell("given");
  take(scene, "None_User");
  for (const wire of scene.server.hub.wires) wire.tell("DOCUMENT_CLOSED", { id: "d1", reason });
  const shown = () => describeCell(stateOf(scene.live));

  expect(shown()).toMatchObject({ words: "Not live", detail: why });
  await settled(30_000);
  const next =
    "Ask your teacher to open “fib” to you, or choose another name with “Live Cell…” in the menu of this cell.";
  expect(shown()).toMatchObject({
    words: "Not live",
    detail: `You may not change this document. ${next}`,
  });
  expect([scene.live.shared, scene.live.isReadOnly]).toEqual(["given", true]);
});
