import { describe, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { describeCell, describeChanges, stateOf } from "../../src/cells/cell-state";
import { HubPast } from "../../src/cells/hub-past";
import { ASKED_AGAIN } from "../../src/cells/live-cell";
import type { Mark } from "../../src/cells/mark";
import { OpenDocuments } from "../../src/cells/open-documents";
import { type AsideText, asideTexts } from "../../src/cells/reconcile";
import { Refusal } from "../../src/cells/refusal";
import type { EditStore, KeptEdits } from "../../src/cells/unsent-store";
import { NEVER_OFFERED, NOT_OFFERED } from "../../src/schema/hub_kinds";
import { speak } from "../../src/text/words";
import { aCell, cellsOfTests, MARK, type Scene, Server, settled, words } from "./a-live-cell";

cellsOfTests();

describe("a live cell", () => {
  test("asks for its document with its text, and follows it in both directions", async () => {
    const scene = await aCell("one", "one");
    scene.cell.insert(3, " two");
    await settled();
    scene.server.hub.edit(0, "zero ");

    expect(scene.server.wanted[0]?.data).toEqual({ code: "one" });
    expect(scene.cell.toString()).toBe("zero one two");
    expect(scene.server.hub.text).toBe("zero one two");
    expect(words(scene)).toBe("Saved");
  });

  test("is found late when the hub cannot be reached at first, and merges what was typed meanwhile", async () => {
    const server = new Server("one\n\nlast");
    server.failure = new TypeError("Failed to fetch");
    const scene = await aCell("one\n\nlast", "", { server, mark: { ...MARK, base: "one\n\nlast" } });
    const offline = words(scene);
    scene.cell.insert(0, "mine ");
    server.hub.edit(9, "!");
    server.failure = null;
    await settled(60_000);

    expect(offline).toBe("Offline");
    expect(scene.cell.toString()).toBe("mine one\n\nlast!");
    expect(server.hub.text).toBe("mine one\n\nlast!");
  });

  test("without a word in the file its text is known to be the hub's when the hub has it still", async () => {
    const server = new Server("one");
    server.failure = new TypeError("Failed to fetch");
    const scene = await aCell("one", "", { server });
    scene.cell.insert(3, " mine");
    server.failure = null;
    await settled(60_000);

    expect(server.hub.text).toBe("one mine");
  });

  test("waits for a hand-out that nobody has given out", async () => {
    const server = new Server("text");
    server.failure = new Refusal("your teacher has not opened this yet", 404, "NOT_OPENED_YET");
    const scene = await aCell("template", "", { server });
    expect([words(scene), scene.live.isReadOnly, scene.cell.toString()]).toEqual([
      "Not opened yet",
      true,
      "template",
    ]);
    server.failure = null;
    await settled(60_000);

    expect(scene.live.isLive).toBe(true);
  });

  test("says what the hub refuses, and asks no more by itself for what cannot be", async () => {
    const server = new Server("text");
    server.failure = new Refusal("a name has at most 100 characters, not 300", 400);
    const scene = await aCell("mine", "", { server });
    server.failure = null;
    await settled(600_000);

    expect([words(scene), scene.live.words, scene.cell.toString()]).toEqual([
      "Not live",
      "a name has at most 100 characters, not 300",
      "mine",
    ]);
  });

  test.each([403, 404])(
    "is live soon after it was refused with %i and somebody lets the user in",
    async (status) => {
      const server = new Server("text");
      server.failure = new Refusal("you have no access", status);
      const scene = await aCell("text", "", { server });
      await settled(600_000);
      const refused = [words(scene), scene.live.words];
      server.failure = null;
      await settled(ASKED_AGAIN * 2);

      expect(refused).toEqual(["Not live", "you have no access"]);
      expect(scene.live.isLive).toBe(true);
    },
  );

  test("asks no more for what this kind of hub does not have, and sends nobody to ask for it", async () => {
    const server = new Server("text");
    server.failure = new Refusal(NOT_OFFERED, 404, NEVER_OFFERED);
    const scene = await aCell("text", "", { server });
    await vi.dynamicImportSettled();
    const { detail } = describeCell(stateOf(scene.live));
    server.failure = null;
    await settled(ASKED_AGAIN * 10);

    expect([words(scene), scene.live.isLive]).toEqual(["Not live", false]);
    expect(detail).toBe(
      "The school's backend does not offer this: it needs a hub of teaching_nb. What you type is in this notebook only. " +
        'A widget such as tnb.code("fib") shows the document, and “No longer live”, below “Live Cell…” in the menu of this cell, makes it an ordinary cell.',
    );
  });

  test.each([
    [
      "en",
      "Insufficient access permission",
      403,
      "Insufficient access permission. Ask your teacher to open “fib” to you, or choose another name with “Live Cell…” in the menu of this cell. Until then what you type is in this notebook only.",
    ],
    [
      "de",
      "Insufficient access permission",
      403,
      "Dafür fehlt die Berechtigung. Die Lehrperson bitten, „fib“ zu öffnen, oder im Menü dieser Zelle mit „Live-Zelle …“ einen anderen Namen wählen. Bis dahin bleibt Geschriebenes nur in diesem Notebook.",
    ],
    [
      "de",
      "type has 90 characters, it needs 1 to 80",
      400,
      "Der Typ hat 90 Zeichen, nötig sind 1 bis 80. Der Hub kann „fib“ nicht annehmen: im Menü dieser Zelle mit „Live-Zelle …“ einen anderen Namen wählen. Bis dahin bleibt Geschriebenes nur in diesem Notebook.",
    ],
    [
      "de",
      "the account or its session has ended",
      401,
      "Das Konto oder die Anmeldung ist beendet. Noch einmal bei Jupyter anmelden und diese Seite neu laden. Bis dahin bleibt Geschriebenes nur in diesem Notebook.",
    ],
    [
      "de",
      "you have 500 documents, the limit is 500: delete some, or ask who runs the hub",
      413,
      "Es sind schon 500 eigene Dokumente, erlaubt sind 500: einige löschen oder bei den Verantwortlichen des Hubs nachfragen. Bis dahin bleibt Geschriebenes nur in diesem Notebook.",
    ],
  ])(
    "says in the page's language (%s) what was refused, and what to do: %s",
    async (language, why, status, said) => {
      await speak(language);
      const server = new Server("text");
      server.failure = new Refusal(why, status);
      const scene = await aCell("text", "", { server });
      await vi.dynamicImportSettled();
      const { detail } = describeCell(stateOf(scene.live));
      await speak("en");

      expect(detail).toBe(said);
    },
  );

  test.each([
    [
      "en",
      "Data of a code document: 'code' is not a text. Another program has stored something in “fib” that is no text, and it is never rewritten: its author can replace it in Python, by assigning tnb.document(\"fib\").data. Or choose another name with “Live Cell…” in the menu of this cell. Until then what you type is in this notebook only.",
    ],
    [
      "de",
      "Im Dokument vom Typ code ist 'code' kein Text. Ein anderes Programm hat in „fib“ etwas gespeichert, das kein Text ist, und es wird nie umgeschrieben: wem es gehört, kann es in Python ersetzen, durch eine Zuweisung an tnb.document(\"fib\").data. Oder im Menü dieser Zelle mit „Live-Zelle …“ einen anderen Namen wählen. Bis dahin bleibt Geschriebenes nur in diesem Notebook.",
    ],
  ])("says what to do (%s) where the document holds no text, until it does", async (language, said) => {
    await speak(language);
    const server = new Server("theirs");
    server.hub.unfit = "data of a code document: 'code' is not a text";
    const scene = await aCell("", "", { server });
    await vi.dynamicImportSettled();
    const shown = describeCell(stateOf(scene.live));
    await speak("en");
    expect([shown.words, shown.detail, scene.live.isReadOnly]).toEqual([
      language === "en" ? "Not live" : "Nicht live",
      said,
      false,
    ]);

    server.hub.unfit = "";
    await settled(120_000);
    expect([words(scene), scene.cell.toString(), scene.live.advice]).toEqual(["Saved", "theirs", ""]);
  });

  test("says what to do where the hub's text has another name than the cell's", async () => {
    const server = new Server("theirs");
    server.hub.doc.getMap("data").delete("code");
    const scene = await aCell("mine", "", { server });
    await vi.dynamicImportSettled();

    expect(describeCell(stateOf(scene.live))).toMatchObject({
      words: "Not live",
      detail: expect.stringMatching(/^This document holds no text\. Another program .* menu of this cell\./),
    });
    expect(scene.cell.toString()).toBe("mine");
  });

  test("takes the hub's text when the file is as it was saved, and undo does not bring the old one back", async () => {
    const scene = await aCell("old", "new", { mark: { ...MARK, base: "old" } });

    expect([scene.cell.toString(), scene.server.hub.text, scene.undo.cleared]).toEqual(["new", "new", 1]);
    expect(scene.live.aside).toBeNull();
  });

  test("keeps the file's text beside it when both changed the same place; the user decides", async () => {
    const scene = await aCell("mine", "theirs", { mark: { ...MARK, base: "old" } });
    expect([scene.cell.toString(), scene.live.aside]).toEqual(["theirs", { text: "mine", why: "conflict" }]);
    scene.server.newPage();
    const again = await aCell("theirs", "", {
      server: scene.server,
      mark: { ...MARK, base: "theirs", aside: "mine" },
    });
    expect(again.live.aside?.text).toBe("mine");
    scene.live.useMine();
    await settled();

    expect([scene.cell.toString(), scene.server.hub.text, scene.live.aside]).toEqual(["mine", "mine", null]);
  });

  test("keeps a second text behind which another one waits already, in the file as well", async () => {
    const mark = { ...MARK, base: "old", aside: "mine yesterday" };
    const { cell, live, server } = await aCell("mine", "theirs", { mark });

    expect(live.aside?.text).toBe("mine");
    expect(asideTexts(live.aside as AsideText)).toEqual(["mine", "mine yesterday"]);
    server.newPage();
    const kept = { ...MARK, base: "theirs", aside: asideTexts(live.aside as AsideText) };
    const again = await aCell("theirs", "", { server, mark: kept });
    expect([again.live.aside?.text, again.live.aside?.earlier?.text]).toEqual(["mine", "mine yesterday"]);

    live.keepTheirs();
    expect([live.aside?.text, cell.toString()]).toEqual(["mine yesterday", "theirs"]);
    live.useMine();
    await settled();

    expect([cell.toString(), server.hub.text, live.aside]).toEqual([
      "mine yesterday",
      "mine yesterday",
      null,
    ]);
  });

  test("never sends a text whose origin nobody knows", async () => {
    const scene = await aCell("somebody's", "the hub's");

    expect([scene.server.hub.text, scene.cell.toString()]).toEqual(["the hub's", "the hub's"]);
    expect(scene.live.aside).toEqual({ text: "somebody's", why: "unknown" });
  });

  test.each([
    ["that knows nothing of the hub", undefined],
    ["that was saved", "one\r\ntwo"],
  ])("takes other line ends in a file %s for no change of anybody's", async (_which, base) => {
    const mark = base === undefined ? MARK : { ...MARK, base };
    const { cell, live, server } = await aCell("one\r\ntwo", "one\ntwo", { mark });

    expect([cell.toString(), server.hub.text, live.aside]).toEqual(["one\ntwo", "one\ntwo", null]);
    cell.insert(4, "2 ");
    await settled();
    expect(server.hub.text).toBe("one\n2 two");
  });

  test("inherits the edit of the cell that it was made of", async () => {
    const scene = await aCell("one\n\ntwo", "one", { origin: { base: "one", isUndo: false } });

    expect(scene.server.hub.text).toBe("one\n\ntwo");
  });

  test("loses nothing and doubles nothing when the hub dies while two people type", async () => {
    const scene = await aCell("one\n\nlast");
    const { hub } = scene.server;
    hub.isSlow = true;
    scene.cell.insert(3, " mine");
    await settled();
    hub.die();
    scene.cell.insert(0, "more ");
    expect(words(scene)).toBe("Offline");
    await settled(500);
    expect(scene.live.isKeeping).toBe(true);
    hub.isAlive = true;
    hub.isSlow = false;
    hub.edit(
      hub.doc.getMap("data").get("code") ? (hub.doc.getMap("data").get("code") as Y.Text).length : 0,
      "!",
    );
    await settled(60_000);

    expect(scene.cell.toString()).toBe("more one mine\n\nlast!");
    expect(hub.text).toBe("more one mine\n\nlast!");
    expect([words(scene), scene.store.kept.size]).toEqual(["Saved", 0]);
  });

  test("carries over what nobody has stored when the hub has other edits under its names", async () => {
    const scene = await aCell("one\n\nlast");
    const { hub } = scene.server;
    scene.cell.insert(3, "!");
    await settled();
    hub.forge(scene.live.live?.doc.clientID ?? 0, 0, "forged\n\n");
    scene.cell.insert(scene.cell.length, " mine");
    await settled(10_000);

    expect(hub.text).toBe("forged\n\none!\n\nlast mine");
    expect(scene.cell.toString()).toBe(hub.text);
    scene.cell.insert(0, "again ");
    await settled();
    expect(hub.text.startsWith("again forged")).toBe(true);
  });

  test("takes over edits that an earlier page has kept in the browser, once", async () => {
    const first = await aCell("one");
    first.server.hub.die();
    first.cell.insert(3, " mine");
    await settled(1_000);
    const [kept] = [...first.store.kept.values()];
    first.live.dispose();
    const { server } = first;
    server.hub.isAlive = true;
    server.newPage(kept as KeptEdits);
    const second = await aCell("one", "", { server, mark: { ...MARK, base: "one" } });
    await settled(10_000);

    expect([second.cell.toString(), server.hub.text]).toEqual(["one mine", "one mine"]);
    expect([server.store.others.length, server.store.kept.size]).toEqual([0, 0]);
  });

  test("takes over what an earlier page has kept once, also what was in the file already", async () => {
    const first = await aCell("one");
    first.server.hub.die();
    first.cell.insert(3, "\nsaved");
    first.cell.insert(first.cell.length, "\nlater");
    await settled(1_000);
    const [kept] = [...first.store.kept.values()];
    const { server } = first;
    server.hub.isAlive = true;
    server.newPage(kept as KeptEdits);
    const second = await aCell("one\nsaved", "", { server, mark: { ...MARK, base: "one" } });
    await settled(10_000);

    expect([second.cell.toString(), second.live.aside]).toEqual(["one\nsaved\nlater", null]);
    expect(server.hub.text).toBe("one\nsaved\nlater");
  });

  test("knows again what was saved while it was typed, also when the hub has had it long since", async () => {
    const first = await aCell("one");
    const { cell, live, server, store } = first;
    server.hub.isSlow = true;
    cell.insert(3, " tow");
    await settled(10);
    const [base, inFile] = [live.base, cell.toString()];
    live.noteSaved();
    server.hub.answer();
    cell.delete(4, 3);
    cell.insert(4, "two");
    await settled(10_000);
    expect([server.hub.text, base, inFile, live.isKeeping]).toEqual(["one two", "one", "one tow", false]);

    for (let opening = 1; opening <= 2; opening += 1) {
      const [kept] = [...(opening === 1 ? store : server.store).kept.values()];
      server.newPage(kept as KeptEdits);
      const again = await aCell(inFile, "", { server, mark: { ...MARK, base: String(base) } });
      await settled(10_000);
      expect([again.cell.toString(), again.live.aside, server.hub.text]).toEqual([
        "one two",
        null,
        "one two",
      ]);
      if (opening === 2) again.live.noteSaved();
      await settled(10);
    }
    expect([server.store.kept.size, server.store.others.length]).toEqual([0, 0]);
  });

  test("merges edits of an earlier page by their text when the hub has begun another document", async () => {
    const server = new Server("one\n\nTWO");
    const strange = new Y.Doc();
    const text = new Y.Text("one\n\ntwo");
    strange.getMap("data").set("code", text);
    const before = Y.encodeStateVector(strange);
    text.insert(3, "!");
    server.store.others.push({
      update: Y.encodeStateAsUpdate(strange, before),
      base: "one\n\ntwo",
      local: "one!\n\ntwo",
    });
    const scene = await aCell("one\n\ntwo", "", { server, mark: { ...MARK, base: "one\n\ntwo" } });
    await settled(1_000);

    expect(scene.server.hub.text).toBe("one!\n\nTWO");
    expect(scene.cell.toString()).toBe("one!\n\nTWO");
  });

  test("takes back what a reader types, and says why", async () => {
    const server = new Server("text");
    server.hub.access = "RO_DocumentRoot";
    const scene = await aCell("text", "", { server });
    scene.cell.insert(0, "hack ");
    await settled();

    expect([scene.cell.toString(), server.hub.text, scene.live.notTaken]).toEqual([
      "text",
      "text",
      "read-only",
    ]);
    expect(words(scene)).toBe("Read only");
  });

  test.each([
    ["too-large", "x".repeat(1_000_001), "text"],
    ["cleaned", "a\u0000b", "abtext"],
  ])("says until the next edit why something was not taken: %s", async (why, inserted, wanted) => {
    const scene = await aCell("text");
    scene.cell.insert(0, inserted);
    await settled(10_000);
    const said = [scene.cell.toString(), scene.live.notTaken];
    scene.cell.insert(0, "!");
    await settled();

    expect(said).toEqual([wanted, why]);
    expect(scene.live.notTaken).toBe("");
  });

  test("says goodbye to nobody's cost: after it is disposed of nothing goes to the hub", async () => {
    const scene = await aCell("one");
    scene.live.dispose();
    await settled();
    scene.cell.insert(0, "later ");
    await settled(1_000);

    expect(scene.server.hub.text).toBe("one");
  });

  test("is at risk when the browser keeps nothing, and the hub is away", async () => {
    const broken: EditStore = { keep: () => Promise.reject(new Error("no IndexedDB")), left: async () => [] };
    const server = new Server("one");
    server.documents = new OpenDocuments(server, broken);
    const { cell, live } = await aCell("one", "one", { server });
    const safe = await aCell("two");
    for (const { hub } of [server, safe.server]) hub.die();
    cell.insert(0, "mine ");
    safe.cell.insert(0, "mine ");
    await settled(3_000);

    expect([live.isAtRisk, safe.live.isAtRisk]).toEqual([true, false]);
  });

  test("names who has changed the text since the user's last run", async () => {
    const { cell, live, server } = await aCell("one");
    server.hub.edit(0, "before ");
    live.ran();
    cell.insert(0, "mine ");
    await settled();
    expect([...live.changedBy]).toEqual([]);
    server.hub.edit(0, "after ");
    expect(describeChanges([...live.changedBy])).toBe("Somebody changed this since your last run.");
    live.ran();

    expect([...live.changedBy]).toEqual([]);
    expect(describeChanges(["Ann", "Ben"])).toBe("Ann and Ben changed this since your last run.");
    expect(describeChanges(["Ann", "Ben", "Cy"])).toBe("Ann and 2 others changed this since your last run.");
  });

  test("shows its history, and says in words what cannot be had", async () => {
    const { server, live } = await aCell("one");
    const past = new HubPast(live, server);

    expect([past.mayLook(), past.mayRestore(), past.title]).toEqual([true, true, "fib"]);
    expect((await past.versions()).map(({ number }) => number)).toEqual([1, 2]);
    expect(await past.text(1)).toBe("text 1");
    await expect(past.text(7)).rejects.toThrow("there is no version 7");
    server.failure = new TypeError("Failed to fetch");
    await expect(past.restore(1)).rejects.toThrow("the hub cannot be reached");
  });
});

describe("live cells of one document in one page", () => {
  test("share one text: what is typed into one is once in the other and at the hub", async () => {
    const first = await aCell("one");
    const second = await aCell("one", "", { server: first.server });
    first.cell.insert(3, " a");
    second.cell.insert(0, "b ");
    await settled();
    first.server.hub.edit(0, "hub ");
    await settled();

    expect(first.cell.toString()).toBe("hub b one a");
    expect([second.cell.toString(), first.server.hub.text]).toEqual(["hub b one a", "hub b one a"]);
    expect(first.live.live).toBe(second.live.live);
  });

  test("one that takes another's place is followed at once, also while the hub is away", async () => {
    const former = await aCell("one");
    former.server.hub.die();
    former.cell.insert(3, " two");
    await settled(1_000);
    former.live.dispose();
    const options = { server: former.server, origin: { base: "one two", isUndo: false } };
    const heir = await aCell("one two", "", options);
    heir.cell.insert(7, " three");
    expect(heir.live.isKeeping || words(heir) === "Offline").toBe(true);
    former.server.hub.isAlive = true;
    await settled(60_000);

    expect([heir.cell.toString(), former.server.hub.text]).toEqual(["one two three", "one two three"]);
    expect([heir.live.aside, former.server.store.kept.size]).toEqual([null, 0]);
  });

  test("one that was cut keeps what was typed, and comes back with what others wrote", async () => {
    const mark = { ...MARK, base: "one" };
    const cut = await aCell("one", "one", { mark });
    cut.cell.insert(3, "\ntwo");
    await settled();
    cut.live.dispose();
    await settled();
    const { hub } = cut.server;
    hub.remove(3, 4);
    const pasted = await aCell("one\ntwo", "", { server: cut.server, mark });
    await settled();

    expect([pasted.cell.toString(), hub.text, pasted.live.aside]).toEqual(["one", "one", null]);
  });

  test("a version that could not be merged goes with the cell until its author has decided", async () => {
    const mark = { ...MARK, base: "old" };
    const first = await aCell("mine", "theirs", { mark });
    first.live.dispose();
    const options = { server: first.server, mark, origin: { base: "theirs", isUndo: false } };
    const moved = await aCell("theirs", "", options);
    const carried = moved.live.aside?.text;
    moved.live.keepTheirs();
    moved.live.dispose();
    const again = await aCell("theirs", "", { ...options, mark: { ...mark, aside: "mine" } });

    expect([carried, again.live.aside]).toEqual(["mine", null]);
  });

  test("undoing takes back what was done, and leaves nothing beside the text", async () => {
    const undo = (base: string) => ({ origin: { base, isUndo: true } });
    const far = await aCell("one", "bob\none\n\ntwo", undo("one\n\ntwo"));
    const near = await aCell("one", "one\n\nbob", undo("one\n\ntwo"));
    await settled();

    expect([far.server.hub.text, near.server.hub.text, near.live.aside]).toEqual([
      "bob\none",
      "one\n\nbob",
      null,
    ]);
  });

  test("undoing and redoing again and again repeats what was done, and nothing that was typed between", async () => {
    const before = await aCell("one");
    const { server } = before;
    const next = async (held: string, base: string) =>
      aCell(held, "", { server, origin: { base, isUndo: true } });
    before.live.dispose();
    const merge = await aCell("one\n\nend", "", { server, origin: { base: "one", isUndo: false } });
    merge.cell.insert(0, "a\n");
    const held = merge.cell.toString();
    merge.live.dispose({ isUndone: true });
    const undone = await next("one", merge.live.textAtFirst);
    const afterUndo = server.hub.text;
    undone.cell.insert(0, "b\n");
    undone.live.dispose({ isUndone: true });
    const redone = await next(held, undone.live.textAtFirst);
    await settled();

    expect(afterUndo).toBe("a\none");
    expect([server.hub.text, redone.cell.toString()]).toEqual(["b\na\none\n\nend", "b\na\none\n\nend"]);
  });

  test("undoing a split leaves what was typed in the half where it stands, and what others took out stays out", async () => {
    const whole = "one\ntwo\nthree";
    const before = await aCell(whole);
    const { hub } = before.server;
    before.live.dispose();
    const options = { server: before.server, origin: { base: whole, isUndo: false } };
    const half = await aCell("two\nthree", "", options);
    half.cell.insert(3, " mine");
    await settled();
    hub.remove(8, 6);
    const first = half.live.textAtFirst;
    half.live.dispose({ isUndone: true });
    const undone = await aCell(whole, "", { server: before.server, origin: { base: first, isUndo: true } });
    await settled();

    expect([undone.cell.toString(), hub.text]).toEqual(["one\ntwo mine", "one\ntwo mine"]);
    expect(undone.live.aside).toBeNull();
  });

  test("is followed on for a moment when its cell goes, by somebody whom others see no more", async () => {
    const gone = await aCell("one");
    const { server } = gone;
    const followed = gone.live.live;
    gone.live.dispose();
    await settled(5_000);
    const whileGone = followed?.people.map(({ isMe }) => isMe);
    server.hub.die();
    const back = await aCell("one", "", { server, isPasted: true });
    back.cell.insert(3, " two");
    await settled(1_000);
    server.hub.isAlive = true;
    await settled(60_000);

    expect([back.live.live === followed, whileGone, server.hub.text]).toEqual([true, [], "one two"]);
    expect(followed?.people.map(({ isMe }) => isMe)).toEqual([true]);
    back.live.dispose();
    await settled(11_000);
    expect((await aCell("one two", "", { server, isPasted: true })).live.live === followed).toBe(false);
  });

  test("what was typed into a cell that has just come back is joined with what others typed in the same place", async () => {
    const text = "one\nend";
    const mark = { ...MARK, base: text };
    const gone = await aCell(text, text, { mark });
    const { server } = gone;
    gone.live.dispose();
    await settled(11_000);
    server.hub.edit(3, "\ntheirs");
    server.failure = new TypeError("Failed to fetch");
    const back = await aCell(text, "", { server, mark, isPasted: true });
    back.cell.insert(7, "!");
    back.cell.insert(3, "!\nmine");
    server.failure = null;
    await settled(60_000);

    expect([server.hub.text, back.live.aside]).toEqual(["one!\nmine\ntheirs\nend!", null]);
  });

  test("one that was cut again before the hub was there is no text of unknown origin", async () => {
    const mark = { ...MARK, base: "one" };
    const server = new Server("one\na\nb\nbob");
    server.failure = new TypeError("Failed to fetch");
    const first = await aCell("one\na\nb", "", {
      server,
      mark,
      origin: { base: "one\na\nb", isUndo: false },
    });
    first.cell.insert(0, "mine\n");
    first.live.dispose();
    const second = await aCell("mine\none\na\nb", "", { server, mark, isPasted: true });
    server.failure = null;
    await settled(60_000);

    expect([server.hub.text, second.live.aside]).toEqual(["mine\none\na\nb\nbob", null]);
  });

  test("one from the clipboard that is known to nobody is never merged with what the file knew", async () => {
    const options = { mark: { ...MARK, base: "one" }, isPasted: true };
    const scene = await aCell("one\na\nb", "one\na\nb\nbob", options);

    expect(scene.server.hub.text).toBe("one\na\nb\nbob");
    expect(scene.live.aside?.why).toBe("unknown");
  });
});

describe("a document that a program has named before any cell did", () => {
  test.each([
    [null, []],
    [[1], []],
    ["", []],
    [{ code: 5 }, []],
    [{ code: null }, []],
    [{ code: "", colour: "red" }, [{ code: "mine", colour: "red" }]],
    [{ colour: "red" }, [{ code: "mine", colour: "red" }]],
  ])("what another program has stored (%j) is not rewritten, and its keys stay", async (data, replaced) => {
    const server = new Server("");
    [server.revision, server.data] = [1, data];
    await aCell("mine", "", { server, mark: { ...MARK, shared: false } });

    expect(server.replaced).toEqual(replaced);
  });

  async function opened(revision: number, hubs = "", faster = ""): Promise<Scene> {
    const server = new Server(hubs);
    server.revision = revision;
    const openMain = server.openMain.bind(server);
    server.openMain = async (wanted) => {
      const found = await openMain(wanted);
      if (faster) await server.replace("d1", { code: faster }, revision);
      return found;
    };
    return aCell("x = 1", hubs, { server });
  }

  test("gets the text of the cell, once", async () => {
    const { cell, live, server } = await opened(1);

    expect([server.hub.text, cell.toString(), live.aside]).toEqual(["x = 1", "x = 1", null]);
  });

  test("has that of somebody else who was faster", async () => {
    const { cell, live, server } = await opened(1, "", "y = 2");

    expect([server.hub.text, cell.toString()]).toEqual(["y = 2", "y = 2"]);
    expect(live.aside?.text).toBe("x = 1");
  });

  test("stays empty where somebody has emptied it", async () => {
    const { live, server } = await opened(2);

    expect([server.hub.text, live.aside?.text]).toEqual(["", "x = 1"]);
  });
});

test.each<[string, Mark["shared"], string, boolean]>([
  ["one's own", false, "None_DocumentRoot", true],
  ["everybody's", true, "RW_DocumentRoot", false],
  ["one's own that the teacher lets others read", false, "RO_DocumentRoot", false],
])("teachers are told of runs of what nobody else sees: %s", async (_what, shared, sharedAccess, isTold) => {
  const server = new Server("one");
  server.sharing = { sharedAccess, isConfirmed: true };
  const { live } = await aCell("one", "one", { server, mark: { ...MARK, shared }, sharesRuns: () => true });

  expect(live.sharesRuns).toBe(isTold);
});
