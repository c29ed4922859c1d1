// A text that is watched beside the notebook: found by its id, followed again after trouble, shared with a cell.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { describeCell, stateOf } from "../../src/cells/cell-state";
import { type Hub, OpenDocuments } from "../../src/cells/open-documents";
import { Refusal } from "../../src/cells/refusal";
import { WatchedText } from "../../src/cells/watched-text";
import { FakeHub } from "../fake-hub";

let hub: FakeHub;
let failure: Error | null;
let documents: OpenDocuments;
const watched: WatchedText[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "info").mockImplementation(() => {});
  hub = new FakeHub();
  const doc = new Y.Doc();
  doc.getMap("data").set("code", new Y.Text("x = 1"));
  hub.adopt(doc);
  failure = null;
  const rest: Partial<Hub> = {
    line: hub.line(),
    me: async () => {
      if (failure) throw failure;
      return { id: "u1", name: "Tina", isElevated: true };
    },
    openMain: async () => ({ id: "d1" }),
  };
  documents = new OpenDocuments(rest as Hub, null);
});

afterEach(() => {
  for (const text of watched.splice(0)) text.dispose();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function watch(): WatchedText {
  const text = new WatchedText({ id: "d1", type: "code", name: "Ada: fib", documents, random: () => 0.5 });
  watched.push(text);
  return text;
}

const words = (text: WatchedText) => describeCell(stateOf(text)).words;

test("shows the text and what others do to it; who may read only is told", async () => {
  hub.access = "RO_User";
  const text = watch();
  let ready = 0;
  text.onReady(() => {
    ready += 1;
  }, new AbortController().signal);
  expect(words(text)).toBe("Opening …");
  await vi.advanceTimersByTimeAsync(10);
  hub.edit(5, "2");

  expect(text.live?.text?.toString()).toBe("x = 12");
  expect([ready, text.isLive, text.isWritable, words(text)]).toEqual([1, true, false, "Read only"]);
});

test("a hub that is away is asked again until it answers; a refusal is final", async () => {
  failure = new Error("the Jupyter server does not answer");
  const text = watch();
  await vi.advanceTimersByTimeAsync(10);
  expect(words(text)).toBe("Offline");
  failure = null;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(words(text)).toBe("Saved");

  failure = new Refusal("you may not", 403);
  const refused = watch();
  failure = new Refusal("you may not", 403);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([words(refused), refused.words]).toEqual(["Not live", "you may not"]);
});

test("a cell of the same document and its watcher share one text, and it goes soon after the last of them", async () => {
  const text = watch();
  await vi.advanceTimersByTimeAsync(10);
  const cell = await documents.take({ document: "fib", type: "code", shared: true }, "kurs", "");
  await vi.advanceTimersByTimeAsync(10);
  expect(cell.live).toBe(text.live);

  text.dispose();
  await vi.advanceTimersByTimeAsync(10);
  hub.edit(0, "# ");
  expect(cell.live.text?.toString()).toBe("# x = 1");
  cell.release();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(documents.find({ document: "fib", type: "code", shared: true }, "kurs")).toBeNull();
  const [wire] = hub.wires;
  expect(wire?.askedOf("LEAVE_DOCUMENT")).toHaveLength(1);
});

test.each([
  [
    "no text any more",
    "data of a code document: 'code' is not a text",
    /^Data of .* is not a text\. Another program .*tnb\.rooms/,
  ],
  ["no right to see it", "", /^You may not\. Choose the person in the panel “Class” again/],
  ["nobody signed in", "", /^The session has ended\. Sign in to Jupyter again/],
  ["another type", "", /^This document holds no text\. Another program .*tnb\.rooms/],
])("where there is %s, it says what to do next", async (what, unfit, said) => {
  hub.unfit = unfit;
  if (what === "no right to see it") failure = new Refusal("you may not", 403);
  if (what === "nobody signed in") failure = new Refusal("the session has ended", 401);
  if (what === "another type") hub.doc.getMap("data").delete("code");
  const text = watch();
  await vi.advanceTimersByTimeAsync(10);
  await vi.dynamicImportSettled();

  const { detail, words: state } = describeCell(stateOf(text));
  expect(state).toBe("Not live");
  expect(detail).toMatch(said);
});

test("who may not see it any more is told what to do next, and mended text comes by itself", async () => {
  const text = watch();
  await vi.advanceTimersByTimeAsync(10);
  hub.access = "None_User";
  hub.refusal = "you may not";
  for (const wire of hub.wires) wire.tell("DOCUMENT_CLOSED", { id: "d1", reason: "access" });
  await vi.advanceTimersByTimeAsync(10);
  await vi.dynamicImportSettled();
  expect(describeCell(stateOf(text)).detail).toMatch(/Choose the person in the panel “Class” again/);
  text.dispose();
  await vi.advanceTimersByTimeAsync(11_000);

  [hub.access, hub.unfit] = ["RW_User", "no text"];
  const other = watch();
  await vi.advanceTimersByTimeAsync(10);
  expect(words(other)).toBe("Not live");
  hub.unfit = "";
  await vi.advanceTimersByTimeAsync(120_000);
  expect(words(other)).toBe("Saved");
});
