// What the kernel is told about edits that are on their way from a page to the hub.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as Y from "yjs";
import { Channel } from "../../src/jupyter/channel";
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
  const document = `p${numbers}`;
  said = { offer: { document, epoch: 0, user: "u1" }, saveState: "saved", hasUnsaved: false };
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

interface Scene {
  model: FakeModel;
  kernel: FakeKernel;
  hub: FakeHub;
  page: LiveText;
}

/** A page with the text of kernel and hub, on its lane; without a hub edits take the comm. */
async function aPage({ hasHub = true } = {}): Promise<Scene> {
  const model = new FakeModel();
  const kernel = new FakeKernel(model, "one");
  const hub = new FakeHub(said.offer.document);
  hub.adopt(kernel.doc);
  hub.isAlive = hasHub;
  const channel = new Channel(model, stop.signal);
  const line = hub.line();
  const me = () => ({ id: "u1" });
  const page = new LiveText({ channel, key: "code", signal: stop.signal, me, line, kernel: () => said });
  page.open();
  await passes(0);
  expect(page.hasLane).toBe(hasHub);
  return { model, kernel, hub, page };
}

async function passes(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

function type(page: LiveText, text: string): void {
  (page.text as Y.Text).insert(0, text);
}

/** What the kernel was told, one pair of numbers for each message: the newest edit, and how far all is stored. */
function reports({ model }: Scene): [number, number][] {
  return model.sentOf("pending_report").map(({ content }) => [Number(content.seq), Number(content.stored)]);
}

const isWaiting = (scene: Scene): boolean => {
  const [seq, stored] = reports(scene).at(-1) ?? [0, 0];
  return stored < seq;
};

describe("a page on its lane", () => {
  test("tells the kernel of the first edit at once, and when the hub has it", async () => {
    const scene = await aPage();
    scene.hub.isSlow = true;

    type(scene.page, "a");
    expect(reports(scene)).toEqual([[1, 0]]);

    scene.hub.answer();
    await passes(1_000);
    expect(reports(scene)).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  test("sends the edit to the hub before it tells the kernel of it", async () => {
    const { hub, model, page } = await aPage();
    const wire = hub.wires[0];
    let before: number | undefined;
    model.onSend = ({ content }) => {
      if (content.kind === "pending_report") before ??= wire?.askedOf("UPDATE_DOCUMENT").length;
    };

    type(page, "a");

    expect(before).toBe(1);
  });

  test("does not tell of each key", async () => {
    const scene = await aPage();

    for (let n = 0; n < 100; n += 1) {
      type(scene.page, "x");
      await passes(100);
    }
    await passes(1_000);

    expect(scene.hub.wires[0]?.askedOf("UPDATE_DOCUMENT")).toHaveLength(100);
    expect(reports(scene).length).toBeLessThanOrEqual(22);
    expect(isWaiting(scene)).toBe(false);
  });

  test("says how far it has come while somebody types without a pause", async () => {
    const scene = await aPage();
    scene.hub.isSlow = true;
    for (let n = 0; n < 20; n += 1) {
      type(scene.page, "x");
      scene.hub.answer();
      scene.hub.isSlow = true;
      type(scene.page, "y");
      await passes(100);
    }

    const told = reports(scene);
    expect(told.every(([seq, stored]) => stored < seq)).toBe(true);
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told.at(-1)?.[1]).toBeGreaterThan(told[0]?.[0] ?? Number.NaN);
  });

  test("says again that it waits, as long as it waits", async () => {
    const scene = await aPage();
    said = { ...said, hasUnsaved: true };
    scene.kernel.isBusy = true;
    scene.hub.die();

    type(scene.page, "a");
    await passes(60_000);

    expect(reports(scene).length).toBeGreaterThanOrEqual(5);
    expect(reports(scene).length).toBeLessThanOrEqual(8);
    expect(isWaiting(scene)).toBe(true);
  });

  test("is quiet when nothing waits", async () => {
    const scene = await aPage();
    type(scene.page, "a");
    await passes(1_000);
    const before = reports(scene).length;

    scene.hub.edit(0, "somebody else ");
    await passes(60_000);

    expect(reports(scene)).toHaveLength(before);
  });
});

test("edits that take the comm need no report", async () => {
  const scene = await aPage({ hasHub: false });
  scene.kernel.isBusy = true;

  type(scene.page, "a");
  await passes(5_000);

  expect(reports(scene)).toEqual([]);
});

test("what leaves the lane waits for the kernel to have it", async () => {
  const scene = await aPage();
  scene.hub.isSlow = true;
  scene.kernel.isBusy = true;
  type(scene.page, "a");

  scene.hub.die();
  await passes(5_000);
  expect(isWaiting(scene)).toBe(true);

  scene.kernel.work();
  await passes(1_000);
  expect(scene.kernel.text).toBe("aone");
  expect(isWaiting(scene)).toBe(false);
  const kinds = scene.model.sent.map(({ content }) => content.kind);
  expect(kinds.lastIndexOf("pending_report")).toBeGreaterThan(kinds.lastIndexOf("update"));
});

test("what is discarded is not waited for", async () => {
  const scene = await aPage();
  scene.hub.isSlow = true;
  type(scene.page, "a");

  scene.page.discard();
  await passes(1_000);

  expect(isWaiting(scene)).toBe(false);
});

test("a page that goes away says no more, and one that comes back says it anew", async () => {
  const scene = await aPage();
  scene.hub.isSlow = true;
  type(scene.page, "a");

  scene.page.close();
  await passes(60_000);
  expect(reports(scene)).toHaveLength(1);

  scene.hub.answer();
  scene.page.open();
  await passes(1_000);
  expect(isWaiting(scene)).toBe(false);
  scene.hub.isSlow = true;
  type(scene.page, "b");
  expect(isWaiting(scene)).toBe(true);
});

test("a widget whose kernel is gone says no more", async () => {
  const scene = await aPage();
  scene.hub.isSlow = true;
  type(scene.page, "a");

  stop.abort();
  await passes(60_000);

  expect(reports(scene)).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
