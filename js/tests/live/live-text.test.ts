import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { Channel } from "../../src/jupyter/channel";
import { NO_OFFER } from "../../src/live/lane-state";
import { LiveText } from "../../src/live/live-text";
import type { KernelFacts } from "../../src/live/live-text-options";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

let stop: AbortController;
let now = 0;

beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
  now = 1000;
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

function aPage(model: FakeModel, kernel?: () => KernelFacts): LiveText {
  const channel = new Channel(model, stop.signal);
  const me = () => ({ id: "u1", name: "Ada" });
  const options = { channel, key: "code", signal: stop.signal, me, now: () => now };
  return new LiveText(kernel ? { ...options, kernel } : options);
}

function anOpenPage(text = "one"): { model: FakeModel; kernel: FakeKernel; page: LiveText } {
  const model = new FakeModel();
  const kernel = new FakeKernel(model, text);
  const page = aPage(model);
  page.open();
  return { model, kernel, page };
}

function type(page: LiveText, at: number, text: string): void {
  page.text?.insert(at, text);
}

describe("live text", () => {
  test("gets the text with the first sync", () => {
    const { page } = anOpenPage("print(1)");

    expect(page.isSynced).toBe(true);
    expect(page.text?.toString()).toBe("print(1)");
  });

  test("has waited for no time at all when it opens", () => {
    const model = new FakeModel();
    const kernel = new FakeKernel(model, "one");
    kernel.isBusy = true;
    const page = aPage(model);
    const waited: number[] = [];
    page.onChange(() => waited.push(page.askingFor), stop.signal);
    page.open();

    expect(waited.length).toBeGreaterThan(0);
    expect(Math.max(...waited)).toBe(0);
    now += 700;
    expect(page.askingFor).toBe(700);
  });

  test("sends edits and counts them until the kernel has taken them", () => {
    const { kernel, page } = anOpenPage("one");
    kernel.isBusy = true;

    type(page, 3, " two");
    now += 700;
    expect(page.pendingCount).toBe(1);
    expect(page.pendingFor).toBe(700);

    kernel.work();
    expect(page.pendingCount).toBe(0);
    expect(kernel.text).toBe("one two");
  });

  test("does not send back what came from the kernel", () => {
    const { model, kernel, page } = anOpenPage("one");

    kernel.edit(0, "zero ");

    expect(page.text?.toString()).toBe("zero one");
    expect(model.sentOf("update")).toEqual([]);
  });

  test("merges edits of both sides", () => {
    const { kernel, page } = anOpenPage("middle");
    kernel.isBusy = true;

    type(page, 6, " end");
    kernel.edit(0, "start ");
    kernel.work();

    expect(page.text?.toString()).toBe("start middle end");
    expect(kernel.text).toBe("start middle end");
  });

  test("notices a lost message with the next one", () => {
    const { kernel, page } = anOpenPage("x");

    kernel.edit(1, "a", { isLost: true });
    kernel.edit(2, "b");

    expect(page.text?.toString()).toBe("xab");
  });

  test("notices a lost last message with the heartbeat", () => {
    const { kernel, page } = anOpenPage("x");
    kernel.edit(1, "a", { isLost: true });

    kernel.heartbeat();

    expect(page.text?.toString()).toBe("xa");
  });

  test("sends again what the kernel never got", () => {
    const { kernel, page } = anOpenPage("x");
    kernel.isDeaf = true;
    type(page, 1, "y");
    kernel.isDeaf = false;
    now += 5000;

    page.resync();

    expect(kernel.text).toBe("xy");
    expect(page.pendingCount).toBe(0);
  });

  test("starts anew when the document is replaced", () => {
    const { kernel, page } = anOpenPage("draft");
    const oldDoc = page.doc;
    const restarted = vi.fn();
    page.onReset(restarted, stop.signal);

    kernel.replace("the real one");

    expect(page.doc).not.toBe(oldDoc);
    expect(page.text?.toString()).toBe("the real one");
    expect(restarted).toHaveBeenCalledTimes(1);
    type(page, 0, "> ");
    expect(kernel.text).toBe("> the real one");
  });

  test("carries keystrokes over that the old document never got", () => {
    const { kernel, page } = anOpenPage("a = 1\n");
    kernel.isBusy = true;
    type(page, 6, "b = 2\n");

    kernel.replace("# title\na = 1\n");
    kernel.work();

    expect(page.text?.toString()).toBe("# title\na = 1\nb = 2\n");
    expect(kernel.text).toBe("# title\na = 1\nb = 2\n");
    expect(page.pendingCount).toBe(0);
  });

  test.each(["before", "behind"])(
    "carries no keystroke over twice when somebody else has written %s it",
    (place) => {
      const { kernel, page } = anOpenPage("a = 1\n");
      kernel.isBusy = true;
      type(page, 6, "b = 2\n");
      const stored = place === "before" ? "# title\na = 1\n" : "a = 1\nc = 3\n";

      kernel.replace(stored);
      type(page, 6, "d = 4\n");
      kernel.work();

      expect(page.text?.toString().split("b = 2")).toHaveLength(2);
      expect(page.text?.toString().split("d = 4")).toHaveLength(2);
      expect(page.text?.toString()).toBe(kernel.text);
      expect(page.pendingCount).toBe(0);
    },
  );

  test("keeps keystrokes for the new document once it knows that there is one", () => {
    const { kernel, model, page } = anOpenPage("a = 1\n");
    kernel.isBusy = true;
    kernel.replace("# title\na = 1\n");

    type(page, 6, "b = 2\n");
    const sentToTheOld = model.sentOf("update").length;
    kernel.work();

    expect(sentToTheOld).toBe(0);
    expect(page.text?.toString()).toBe("# title\na = 1\nb = 2\n");
    expect(kernel.text).toBe(page.text?.toString());
    expect(page.pendingCount).toBe(0);
  });

  test("gives the kernel what it keeps for a new document when the page goes away", () => {
    const { kernel, page } = anOpenPage("a = 1\n");
    kernel.isBusy = true;
    kernel.replace("a = 1\n");
    type(page, 6, "b = 2\n");

    kernel.isMuted = true;
    page.flush();
    kernel.work();

    expect(kernel.text).toBe("a = 1\nb = 2\n");
  });

  test("carries over by itself what never reached the kernel", () => {
    const { kernel, page } = anOpenPage("a = 1\n");
    kernel.isDeaf = true;
    type(page, 6, "b = 2\n");
    kernel.isDeaf = false;

    kernel.replace("# title\na = 1\n");

    expect(kernel.text).toBe("# title\na = 1\nb = 2\n");
    expect(page.text?.toString()).toBe(kernel.text);
    expect(page.pendingCount).toBe(0);
  });

  test.each([
    ["clashes with the new text", "def f(): ...", 10, "def f():\n    return 1", false],
    ["belongs to a version that waits already", "a = 1", 4, "b = 2\na = 1", true],
  ])("gives the kernel what was typed last and %s", (_name, before, at, stored, isUnmerged) => {
    const model = new FakeModel();
    const kernel = new FakeKernel(model, before);
    kernel.isKeepingVersions = true;
    const facts = { offer: NO_OFFER, saveState: "refused", hasUnsaved: false, isUnmerged };
    const page = aPage(model, () => facts);
    page.open();
    kernel.isBusy = true;
    kernel.replace(stored);
    page.text?.delete(at, 1);
    type(page, at, "g");

    kernel.work();

    expect(page.text?.toString()).toBe(stored);
    expect(kernel.text).toBe(stored);
    expect(kernel.version).toBe(`${before.slice(0, at)}g${before.slice(at + 1)}`);
    expect(page.pendingCount).toBe(0);
  });

  test("believes the next answer when the word about an edit was lost", () => {
    const { kernel, model, page } = anOpenPage("a");
    kernel.isMuted = true;
    type(page, 1, "b");
    expect(page.pendingCount).toBe(1);

    kernel.isMuted = false;
    page.recheck();

    expect(page.pendingCount).toBe(0);
    expect(model.sentOf("update")).toHaveLength(1);
  });

  test("asks again when the kernel's answer was lost", () => {
    const model = new FakeModel();
    const kernel = new FakeKernel(model, "one");
    const page = aPage(model);
    kernel.isMuted = true;
    page.open();

    kernel.isMuted = false;
    vi.advanceTimersByTime(16_000);

    expect(page.text?.toString()).toBe("one");
  });

  test("does not carry over what the old document had already", () => {
    const { kernel, page } = anOpenPage("a");
    type(page, 1, "b");

    kernel.replace("merged: ab");

    expect(kernel.text).toBe("merged: ab");
  });

  test("ignores messages for other pages", () => {
    const { model, kernel, page } = anOpenPage("a");
    kernel.isBusy = true;
    type(page, 1, "b");

    model.receive({ kind: "received", to: "another page", epoch: 0, seq: 1 });

    expect(page.pendingCount).toBe(1);
  });

  test("sends the cursor at most ten times a second", () => {
    const { model, page } = anOpenPage();
    vi.advanceTimersByTime(200);
    const before = model.sentOf("awareness").length;

    for (let n = 0; n < 50; n += 1) page.awareness.setLocalStateField("cursor", { anchor: n });
    vi.advanceTimersByTime(100);

    expect(model.sentOf("awareness").length - before).toBe(1);
  });

  test("shows others and forgets them", () => {
    const { model, page } = anOpenPage();
    const other = new Awareness(new Y.Doc());
    other.setLocalState({ user: { id: "u2", name: "Bob" } });

    model.receive({ kind: "awareness", from: "" }, [encodeAwarenessUpdate(other, [other.clientID])]);
    expect(page.people.map((person) => person.name)).toEqual(["Ada", "Bob"]);

    other.setLocalState(null);
    model.receive({ kind: "awareness", from: "" }, [encodeAwarenessUpdate(other, [other.clientID])]);
    expect(page.people.map((person) => person.name)).toEqual(["Ada"]);
    other.destroy();
  });

  test("takes its cursor away when nobody looks any more, and brings it back", () => {
    const { model, page } = anOpenPage();
    const others = new Awareness(new Y.Doc());
    const deliver = () => {
      for (const { buffers } of model.sentOf("awareness")) {
        if (buffers[0]) applyAwarenessUpdate(others, buffers[0], null);
      }
    };
    vi.advanceTimersByTime(200);
    deliver();
    expect(others.getStates().has(page.doc.clientID)).toBe(true);

    page.close();
    deliver();
    expect(others.getStates().has(page.doc.clientID)).toBe(false);
    expect(model.sentOf("leave")).toHaveLength(1);

    page.open();
    vi.advanceTimersByTime(200);
    deliver();
    expect(others.getStates().has(page.doc.clientID)).toBe(true);
    others.destroy();
  });

  test("answers the kernel's question for cursors", () => {
    const { model } = anOpenPage();
    vi.advanceTimersByTime(200);
    const before = model.sentOf("awareness").length;

    model.receive({ kind: "awareness_query" });

    expect(model.sentOf("awareness").length).toBe(before + 1);
  });
});
