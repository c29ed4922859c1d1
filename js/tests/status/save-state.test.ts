import { expect, test } from "vitest";
import { describeSave, describeUnmerged, describeUnsent, type SaveInput } from "../../src/status/save-state";

function input(more: Partial<SaveInput>): SaveInput {
  return {
    saveState: "saved",
    saveDetail: "",
    hasUnsaved: false,
    pending: 0,
    pendingFor: 0,
    isSynced: true,
    askingFor: 0,
    kernel: "idle",
    hasLane: false,
    isClosed: false,
    ...more,
  };
}

function shown(more: Partial<SaveInput>) {
  return describeSave(input(more));
}

test.each<[string, Partial<SaveInput>, string]>([
  ["everything is stored", {}, "Saved"],
  ["the hub has not answered yet", { saveState: "saving" }, "Saving …"],
  ["a keystroke is under way", { pending: 1, pendingFor: 100 }, "Saving …"],
  [
    "a keystroke waits for a cell",
    { pending: 1, pendingFor: 3000, kernel: "busy" },
    "Waiting for the running cell",
  ],
  ["a keystroke waits for long", { pending: 1, pendingFor: 3000 }, "Waiting for the kernel"],
  ["the kernel is silent", { pending: 1, pendingFor: 9000 }, "The kernel does not answer"],
  [
    "the page has no kernel connection",
    { pending: 1, kernel: "disconnected" },
    "No connection to the kernel",
  ],
  ["the kernel is dead", { pending: 1, kernel: "dead" }, "The kernel has ended"],
  ["the hub is away", { saveState: "offline" }, "Offline"],
  ["the user may only read", { saveState: "read-only" }, "Read only"],
  ["a reader's kernel changed it", { saveState: "read-only", hasUnsaved: true }, "Read only, not saved"],
  ["the hub refuses the document", { saveState: "refused" }, "Not available"],
  ["the hub refused a change", { saveState: "refused", hasUnsaved: true }, "Not saved"],
  [
    "the hub refuses the document, and something was typed",
    { saveState: "refused", pending: 1 },
    "Not saved",
  ],
  ["what was done was refused, and is taken back", { isTakenBack: true }, "Not saved"],
  ["another change is under way after that", { isTakenBack: true, pending: 1 }, "Saving …"],
  ["what was done is refused to a reader", { isTakenBack: true, saveState: "read-only" }, "Read only"],
  ["the text is not here yet", { isSynced: false, askingFor: 10 }, "Opening …"],
  [
    "a busy kernel has not sent the text",
    { isSynced: false, askingFor: 3000, kernel: "busy" },
    "Waiting for the running cell",
  ],
  ["the comm is gone", { isClosed: true }, "Not connected"],
  ["a state from a newer kernel", { saveState: "pondering" }, "Unknown state “pondering”"],
])("save state: %s", (_name, input, words) => {
  expect(shown(input).words).toBe(words);
});

test.each<[string, Partial<SaveInput>, string]>([
  ["a keystroke waits", { pending: 1, pendingFor: 3000 }, "Offline"],
  ["a keystroke waits, says JupyterLab", { pending: 1, kernel: "disconnected" }, "Offline"],
  ["a keystroke is under way", { pending: 1, pendingFor: 100 }, "Saving …"],
  ["nothing is under way, and others are not heard", { isLaneOffered: true }, "Offline"],
  ["the kernel has ended", { pending: 1, pendingFor: 3000, kernel: "dead" }, "The kernel has ended"],
  ["the server is on this computer", { isLaneOffered: true, hasLane: true }, "Saved"],
  ["nobody can tell whether the server is on this computer", {}, "Saved"],
  ["the user may only read", { isLaneOffered: true, saveState: "read-only" }, "Read only"],
])("without a network: %s", (_name, input, words) => {
  expect(shown({ ...input, isOffline: true }).words).toBe(words);
});

test("without a network the user learns how much is in the page alone", () => {
  const { detail } = shown({ isOffline: true, pending: 2, pendingFor: 3000 });

  expect(detail).toBe("This computer has no network. 2 changes only in this browser page so far.");
});

test.each<[string, Partial<SaveInput>, string]>([
  ["the kernel is there", { kernel: "idle" }, "Offline"],
  ["nobody can tell how the kernel is", { kernel: "unknown" }, "Offline"],
  ["it has just begun", { kernel: "idle", pendingFor: 10 }, "Offline"],
  ["the kernel runs a cell", { kernel: "busy" }, "Waiting for the running cell"],
  ["the kernel has ended", { kernel: "dead" }, "The kernel has ended"],
  ["the page cannot reach the kernel", { kernel: "disconnected" }, "No connection to the kernel"],
])("what waits for a hub that is gone does not wait for the kernel: %s", (_name, input, words) => {
  const saveDetail = "the connection to the hub was lost";

  const told = shown({ saveState: "offline", saveDetail, pending: 2, pendingFor: 3000, ...input });

  expect(told.words).toBe(words);
  const here = "2 changes only in this browser page so far.";
  expect(told.detail).toContain(here);
  if (words === "Offline") expect(told.detail).toBe(`The connection to the hub was lost. ${here}`);
});

test("save state never says saved while this page holds an edit", () => {
  for (const kernel of ["idle", "busy", "dead", "disconnected", "unknown"] as const) {
    for (const pendingFor of [0, 500, 2000, 20_000]) {
      expect(shown({ pending: 2, pendingFor, kernel }).tone).not.toBe("good");
    }
  }
});

test("save state: a refusal is not hidden by a later keystroke", () => {
  const refused = { saveState: "refused", saveDetail: "too large: 1200000 bytes, the limit is 1000000" };

  const { words, detail } = shown({ ...refused, pending: 3 });

  expect(words).toBe("Not saved");
  expect(detail).toBe("Too large: 1200000 bytes, the limit is 1000000.");
});

test("save state tells at once that the hub refuses, while the kernel is busy", () => {
  const lowered = { isLowered: true, kernel: "busy" as const };

  expect(shown(lowered).words).toBe("Read only");
  expect(shown({ ...lowered, pending: 1, pendingFor: 9000 }).words).toBe("Read only, not saved");
});

test("save state of whoever only reads says what they may, also while their page asks the hub itself", () => {
  const detail = "You may read this document, not change it.";
  for (const saveState of ["saved", "read-only"])
    for (const pending of [0, 1])
      expect(shown({ isLowered: true, hasLane: true, saveState, pending }).detail).toBe(detail);
});

test.each<[string, Partial<SaveInput>, RegExp | null]>([
  ["everything is stored", {}, null],
  ["an edit is on its way", { pending: 1, saveState: "saving", hasUnsaved: true }, null],
  ["the hub is away and the kernel keeps it", { saveState: "offline", hasUnsaved: true }, null],
  ["a reader has nothing of their own", { saveState: "read-only" }, null],
  ["writing was taken away", { saveState: "read-only", hasUnsaved: true }, /allowed to write again/],
  ["writing was taken away, says the hub", { isLowered: true, pending: 1 }, /allowed to write again/],
  ["the document is gone", { saveState: "refused", hasUnsaved: true }, /not saved/],
  [
    "the document is gone, and the kernel has not taken it",
    { saveState: "refused", pending: 1 },
    /not saved/,
  ],
  ["the kernel ended with nothing unsaved", { isClosed: true, hasUnsaved: true, left: "" }, null],
  ["the kernel ended, the edits are kept", { isClosed: true, left: "kept" }, /Run the notebook cell again/],
  ["the kernel ended, the edits are only shown", { isClosed: true, left: "shown" }, /Copy your text before/],
])("unsent text is offered when it will not be saved: %s", (_name, more, words) => {
  const unsent = describeUnsent(input(more));

  if (words) expect(unsent?.words).toMatch(words);
  else expect(unsent).toBeNull();
});

test("save state has a symbol and words for every state", () => {
  for (const saveState of ["saved", "saving", "offline", "refused", "read-only"]) {
    const { symbol, words } = shown({ saveState });
    expect(symbol).not.toBe("");
    expect(words).not.toBe("");
  }
});

test.each<[string, Partial<SaveInput>, string]>([
  ["nothing else is the matter", {}, "Not merged"],
  ["a keystroke is under way", { pending: 1, pendingFor: 100, hasLane: true }, "Saving …"],
  ["the kernel's own edit was refused too", { hasUnsaved: true }, "Not saved"],
  ["the kernel sends its own edit", { saveState: "saving", hasUnsaved: true }, "Saving …"],
  ["the hub is away", { saveState: "offline" }, "Offline"],
  ["the kernel alone is not connected", { saveState: "offline", hasLane: true }, "Not merged"],
  ["the user may only read", { saveState: "read-only" }, "Read only"],
])("a version waits: %s", (_name, more, words) => {
  expect(shown({ saveState: "refused", isUnmerged: true, ...more }).words).toBe(words);
});

test("a version that waits is no change of the text below, which is saved", () => {
  const waiting = input({ saveState: "refused", isUnmerged: true, pending: 1 });

  expect(describeUnsent(waiting)).toBeNull();
  expect(describeUnsent({ ...waiting, hasUnsaved: true })).not.toBeNull();
});

test("what is said of a version tells what can be done", () => {
  expect(describeUnmerged(input({ saveState: "refused" }))).toMatch(/nobody else sees it\.$/);
  expect(describeUnmerged(input({ saveState: "read-only" }))).toMatch(/may not change/);
  expect(describeUnmerged(input({ isClosed: true }))).toMatch(/Run the notebook cell again/);
});

test("save state: a note about a merge is shown, the plain sentence is not repeated", () => {
  expect(shown({ saveDetail: "all changes are saved" }).detail).toBe("");
  expect(shown({ saveDetail: "all changes are saved; two versions were merged" }).detail).toBe(
    "Two versions were merged.",
  );
});

test.each<[string, Partial<SaveInput>, string]>([
  ["everything is stored", {}, "Saved"],
  ["a keystroke is under way", { pending: 1, pendingFor: 100 }, "Saving …"],
  ["the hub takes long", { pending: 1, pendingFor: 3000 }, "Waiting for the hub"],
  ["the kernel is busy", { kernel: "busy" }, "Saved"],
  [
    "the hub takes long and the kernel is busy",
    { pending: 1, pendingFor: 3000, kernel: "busy" },
    "Waiting for the hub",
  ],
  [
    "the hub takes long and the kernel is dead",
    { pending: 1, pendingFor: 3000, kernel: "dead" },
    "Waiting for the hub",
  ],
  ["the kernel's own edit is under way", { saveState: "saving", hasUnsaved: true }, "Saving …"],
  ["the kernel alone is not connected", { saveState: "offline" }, "Saved"],
  ["the kernel alone keeps an edit", { saveState: "offline", hasUnsaved: true }, "Offline"],
  ["the hub refused the kernel's edit", { saveState: "refused", hasUnsaved: true }, "Not saved"],
  [
    "the hub refused the kernel's edit, and one is under way",
    { saveState: "refused", pending: 1 },
    "Not saved",
  ],
  ["the user may only read", { saveState: "read-only" }, "Read only"],
  ["a reader's kernel changed it", { saveState: "read-only", hasUnsaved: true }, "Read only, not saved"],
  ["the comm is gone", { isClosed: true }, "Not connected"],
])("with a lane: %s", (_name, input, words) => {
  expect(shown({ ...input, hasLane: true }).words).toBe(words);
});

test("with a lane the user learns that the kernel alone is not connected", () => {
  expect(shown({ hasLane: true, saveState: "offline" }).detail).toMatch(/kernel is not connected/);
});
