// What goes wrong around the direct lane: nothing is lost, nothing doubled, and nobody left behind.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as Y from "yjs";
import { Channel } from "../../src/jupyter/channel";
import type { HubLine } from "../../src/live/hub-line";
import { LiveText } from "../../src/live/live-text";
import type { KernelFacts } from "../../src/live/live-text-options";
import { FakeHub } from "../fake-hub";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

let stop: AbortController;
let said: KernelFacts;
let numbers = 0;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "info").mockImplementation(() => {});
  stop = new AbortController();
  numbers += 1;
  // What is kept for another widget is kept by document: no test is to find what another has left.
  const document = `d${numbers}`;
  said = { offer: { document, epoch: 0, user: "u1" }, saveState: "saved", hasUnsaved: false };
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Cell {
  model: FakeModel;
  kernel: FakeKernel;
  page: LiveText;
}

function aCell(line: HubLine, text: string, { doc = null as Y.Doc | null, signal = stop.signal } = {}): Cell {
  const model = new FakeModel();
  const kernel = new FakeKernel(model, doc ? "" : text);
  if (doc) kernel.doc = doc;
  const me = () => ({ id: "u1", name: "Ada" });
  const channel = new Channel(model, signal);
  const page = new LiveText({ channel, key: "code", signal, me, line, kernel: () => said });
  return { model, kernel, page };
}

interface Scene extends Cell {
  hub: FakeHub;
  line: HubLine;
}

/** A page with the text of kernel and hub, on its lane. */
async function aLane(text: string, signal = stop.signal): Promise<Scene> {
  const hub = new FakeHub(said.offer.document);
  const line = hub.line();
  const cell = aCell(line, text, { signal });
  hub.adopt(cell.kernel.doc);
  cell.page.open();
  await settled();
  expect(cell.page.hasLane).toBe(true);
  return { ...cell, hub, line };
}

/** A second cell of the page with the same document. */
async function aTwin({ line, kernel }: Scene): Promise<Cell> {
  const twin = aCell(line, "", { doc: kernel.doc });
  twin.page.open();
  await settled();
  return twin;
}

async function settled(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

function type(page: LiveText, at: number, text: string): void {
  (page.text as Y.Text).insert(at, text);
}

const textOf = (page: LiveText) => page.text?.toString();

describe("two cells of one page with one document", () => {
  test("one that is closed shows the other its last words", async () => {
    const scene = await aLane("one");
    const twin = await aTwin(scene);
    scene.hub.isSlow = true;
    type(scene.page, 3, " two");
    type(scene.page, 7, " three");

    scene.page.close();
    scene.hub.answer();
    await settled();

    expect(scene.hub.text).toBe("one two three");
    expect(textOf(twin.page)).toBe("one two three");
  });

  test("what the hub refuses stays in the cell where it was typed", async () => {
    const scene = await aLane("one");
    const twin = await aTwin(scene);
    scene.hub.refusal = "the document is read-only for you";

    type(scene.page, 3, "!");
    await settled();

    expect(textOf(twin.page)).toBe("one");
  });

  test("what is in the answer to one cell only reaches the other", async () => {
    const scene = await aLane("one");
    scene.hub.edit(3, " two", { isLost: true });

    const twin = await aTwin(scene);

    expect(textOf(twin.page)).toBe("one two");
    expect(textOf(scene.page)).toBe("one two");
  });
});

describe("a client id that somebody else writes under", () => {
  test("is given up: what was typed is in the hub's document once, under another", async () => {
    const { hub, kernel, page } = await aLane("one");
    kernel.hub = hub.doc;
    type(page, 3, " two");
    await settled(100);
    const before = page.doc.clientID;
    hub.forge(before, 7, " forged");

    type(page, 7, " three");
    await settled();
    // The kernel hears the forged edit too, and offers its new document.
    said = { ...said, offer: { ...said.offer, epoch: kernel.epoch } };
    page.considerLane();
    await settled(120_000);

    expect(kernel.epoch).toBe(1);
    expect(page.doc.clientID).not.toBe(before);
    expect(hub.text).toContain("one two");
    expect(hub.text.split(" three").length).toBe(2);
    expect(hub.text.split(" forged").length).toBe(2);
    expect(textOf(page)).toBe(hub.text);
    expect(page.pendingCount).toBe(0);
  });

  test.each(["forge", "forged by somebody"])(
    "does not make an edit stored because the hub has “%s” under its name",
    async (forged) => {
      const { hub, page } = await aLane("one");
      type(page, 3, " two");
      // The next message is not due yet.
      await settled();
      type(page, 7, " three");

      hub.forge(page.doc.clientID, 7, ` ${forged}`, { isTold: true });
      await settled(100);

      expect(hub.text).toBe(`one two ${forged}`);
      expect(textOf(page)).toContain("one two three");
      expect(page.pendingCount).toBe(1);
    },
  );

  test("takes nothing of what is typed until the kernel answers", async () => {
    const { hub, kernel, page } = await aLane("one");
    kernel.hub = hub.doc;
    type(page, 3, " two");
    await settled(100);
    hub.forge(page.doc.clientID, 7, " forged");
    kernel.isBusy = true;

    type(page, 7, " three");
    await settled(100);
    type(page, 13, " four");
    await settled(30_000);
    kernel.work();
    said = { ...said, offer: { ...said.offer, epoch: kernel.epoch } };
    page.considerLane();
    await settled(120_000);

    for (const word of [" two", " three", " four"]) expect(hub.text.split(word).length).toBe(2);
    expect(textOf(page)).toBe(hub.text);
  });
});

describe("a lane that missed something", () => {
  test("asks for it as soon as something builds on it", async () => {
    const { hub, page } = await aLane("one");
    await settled(3_000);
    hub.edit(3, " two", { isLost: true });

    hub.edit(7, " three");
    await settled();

    expect(textOf(page)).toBe("one two three");
    expect(page.hasLane).toBe(true);
  });

  test("asks for it when the page wakes up", async () => {
    const { hub, page } = await aLane("one");
    hub.edit(3, " two", { isLost: true });
    await settled(60_000);

    page.wake();
    await settled();

    expect(textOf(page)).toBe("one two");
  });

  test("finds out when the page wakes up that its connection is dead, and makes a new one", async () => {
    const { hub, page } = await aLane("one");
    hub.isDeaf = true;
    hub.edit(3, " two", { isLost: true });
    await settled(60_000);

    page.wake();
    await settled(5_100);
    expect(page.hasLane).toBe(false);
    hub.isDeaf = false;
    await settled(3_000);

    expect(page.hasLane).toBe(true);
    expect(textOf(page)).toBe("one two");
  });
});

test("a page that wakes up does not wait for the next attempt to connect", async () => {
  const { hub, page } = await aLane("one");
  hub.die();
  await settled(120_000);
  hub.isAlive = true;

  page.wake();
  await settled(600);

  expect(page.hasLane).toBe(true);
});

describe("a hub that is back", () => {
  function kernelSays(page: LiveText, saveState: string): void {
    said = { ...said, saveState };
    page.considerLane();
  }

  test("is reached by the page as soon as the kernel has seen it", async () => {
    const { hub, page } = await aLane("one");
    kernelSays(page, "offline");
    hub.die();
    await settled(120_000);
    hub.isAlive = true;

    kernelSays(page, "saved");
    await settled(600);

    expect(page.hasLane).toBe(true);
  });

  test("is made known to a kernel that has not seen it", async () => {
    const { hub, page, model } = await aLane("one");
    hub.die();
    kernelSays(page, "offline");
    await settled(10_000);
    expect(model.sentOf("retry_now")).toHaveLength(0);

    hub.isAlive = true;
    await settled(10_000);

    expect(page.hasLane).toBe(true);
    expect(model.sentOf("retry_now")).toHaveLength(1);
  });

  test("is not made known to a kernel that has", async () => {
    const { hub, page, model } = await aLane("one");
    hub.die();
    hub.isAlive = true;
    await settled(10_000);
    page.wake();

    expect(page.hasLane).toBe(true);
    expect(model.sentOf("retry_now")).toHaveLength(0);
  });

  test("may be there when the page wakes up, which the kernel does not notice", async () => {
    const { hub, page, model } = await aLane("one");
    hub.die();
    kernelSays(page, "offline");

    page.wake();

    expect(model.sentOf("retry_now")).toHaveLength(1);
  });
});

test("an answer from before the connection was lost does not count for the next one", async () => {
  const hub = new FakeHub(said.offer.document);
  const line = hub.line();
  let answer = () => {};
  hub.whoAsks = new Promise((resolve) => {
    answer = resolve;
  });
  line.follow({ onUp: () => {}, onDown: () => {} });
  await settled();
  hub.user = "u2";
  hub.die();
  hub.isAlive = true;
  hub.whoAsks = new Promise(() => {});
  await settled(2_000);

  answer();
  await settled();

  expect(line.user).toBe("");
});

describe("access that is taken away", () => {
  test("makes the page read-only at once, and given back, writable", async () => {
    const { hub, page } = await aLane("one");

    hub.access = "RO_User";
    hub.wires[0]?.tell("DOCUMENT_CLOSED", { id: said.offer.document, reason: "read-only" });
    expect(page.isLowered).toBe(true);

    hub.access = "RW_User";
    hub.wires[0]?.tell("DOCUMENT_CLOSED", { id: said.offer.document, reason: "resync" });
    await settled();
    expect(page.isLowered).toBe(false);
  });

  test("is noticed at once when it is given back, and what was typed meanwhile is sent", async () => {
    const { hub, page } = await aLane("one");
    const document = said.offer.document;
    hub.wires[0]?.tell("DOCUMENT_CLOSED", { id: document, reason: "access" });
    expect(page.hasLane).toBe(false);
    hub.wires[0]?.tell("DOCUMENT_CLOSED", { id: "another", reason: "resync" });
    await settled();
    expect(page.hasLane).toBe(false);

    hub.wires[0]?.tell("DOCUMENT_CLOSED", { id: document, reason: "resync" });
    await settled();

    expect(page.hasLane).toBe(true);
  });

  test("is shown with the first refused edit, however busy the kernel is", async () => {
    const { hub, kernel, page } = await aLane("one");
    kernel.isBusy = true;
    hub.refusal = "the document is read-only for you";

    type(page, 3, "!");
    await settled();

    expect(page.isLowered).toBe(true);
    expect(page.pendingCount).toBe(1);
    expect(textOf(page)).toBe("one!");
  });

  test("leaves edits that can be discarded, and then nothing of them comes back", async () => {
    const { hub, kernel, model, page } = await aLane("one");
    hub.refusal = "the document is read-only for you";
    type(page, 3, "!");
    await settled();
    said = { ...said, saveState: "read-only", hasUnsaved: true };
    expect(kernel.text).toBe("one!");

    kernel.stored = "one";
    page.discard();
    await settled();

    expect(model.sentOf("discard")).toHaveLength(1);
    expect(textOf(page)).toBe("one");
    expect(kernel.text).toBe("one");
  });

  test("leaves edits that can be discarded before the kernel has heard of them", async () => {
    const { hub, kernel, page } = await aLane("one");
    kernel.isBusy = true;
    hub.refusal = "the document is read-only for you";
    type(page, 3, "!");
    await settled();

    page.discard();
    kernel.work();
    await settled(60_000);

    expect(textOf(page)).toBe("one");
    expect(kernel.text).toBe("one");
    expect(page.pendingCount).toBe(0);
  });
});

test("a page that is closed before it knows what the kernel knows leaves its text with the kernel", async () => {
  const life = new AbortController();
  const { hub, kernel, page } = await aLane("one", life.signal);
  kernel.isBusy = true;
  hub.edit(3, " two");
  hub.die();
  type(page, 7, " three");

  page.close();
  life.abort();
  kernel.work();

  expect(kernel.text).toBe("one two three");
});

describe("a kernel that is restarted", () => {
  test("does not keep the last edits from the hub, which leaves nothing to save", async () => {
    const life = new AbortController();
    const { hub, page } = await aLane("one", life.signal);
    hub.isSlow = true;
    type(page, 3, "!");

    life.abort();
    expect(page.left).toBe("kept");
    hub.answer();
    await settled();

    expect(hub.text).toBe("one!");
    expect(page.left).toBe("");
  });

  test("leaves what was not saved to the next widget, once", async () => {
    const life = new AbortController();
    const { hub, kernel, line, page } = await aLane("one", life.signal);
    kernel.isDeaf = true;
    hub.die();
    type(page, 3, "!");
    life.abort();
    expect(page.isAtRisk).toBe(true);

    const next = aCell(line, "", { doc: kernel.doc });
    next.page.open();
    await settled();
    expect(next.kernel.text).toBe("one!");
    hub.isAlive = true;
    await settled(60_000);

    expect(hub.text).toBe("one!");
    expect(textOf(next.page)).toBe("one!");
    expect(page.isAtRisk).toBe(false);
  });

  test("leaves what only the kernel had to the next widget", async () => {
    const life = new AbortController();
    const { hub, kernel, line, page } = await aLane("one", life.signal);
    const stored = hub.text;
    hub.die();
    type(page, 3, "!");
    expect(kernel.text).toBe("one!");
    said = { ...said, saveState: "offline", hasUnsaved: true };

    life.abort();
    said = { ...said, saveState: "saved", hasUnsaved: false };
    hub.isAlive = true;
    const restarted = aCell(line, stored);
    restarted.kernel.doc = hub.doc;
    restarted.page.open();
    await settled(60_000);

    expect(hub.text).toBe("one!");
  });

  test("can only show a draft that was never the hub's", async () => {
    const life = new AbortController();
    const { kernel, page } = aCell(new FakeHub("d0").line(), "draft", { signal: life.signal });
    said = { ...said, offer: { document: "", epoch: -1, user: "" } };
    page.open();
    kernel.isDeaf = true;
    type(page, 5, "!");

    life.abort();
    expect(page.left).toBe("shown");
    page.discard();
    expect(page.left).toBe("");
  });
});
