import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as Y from "yjs";
import { Channel } from "../../src/jupyter/channel";
import type { HubLine } from "../../src/live/hub-line";
import { takeBatch } from "../../src/live/lane";
import { LiveText } from "../../src/live/live-text";
import type { KernelFacts } from "../../src/live/live-text-options";
import { LIVE_UPDATE_BYTES } from "../../src/schema/limits";
import { FakeHub } from "../fake-hub";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

let stop: AbortController;
let said: KernelFacts;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "info").mockImplementation(() => {});
  stop = new AbortController();
  said = { offer: { document: "d1", epoch: 0, user: "u1" }, saveState: "saved", hasUnsaved: false };
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

function aPage(model: FakeModel, line: HubLine): LiveText {
  const channel = new Channel(model, stop.signal);
  const me = () => ({ id: "u1", name: "Ada" });
  return new LiveText({ channel, key: "code", signal: stop.signal, me, line, kernel: () => said });
}

/** A page with the text of kernel and hub, on its lane. */
async function aLane(text = "one", hub = new FakeHub()): Promise<Scene> {
  const model = new FakeModel();
  const kernel = new FakeKernel(model, text);
  hub.adopt(kernel.doc);
  const page = aPage(model, hub.line());
  page.open();
  await settled();
  return { model, kernel, hub, page };
}

async function settled(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

function type(page: LiveText, at: number, text: string): void {
  (page.text as Y.Text).insert(at, text);
}

describe("the direct lane", () => {
  test("takes the user's edits to the hub and not to the kernel", async () => {
    const { hub, model, page } = await aLane("one");
    expect(page.hasLane).toBe(true);

    type(page, 3, " two");
    await settled();

    expect(hub.text).toBe("one two");
    expect(page.pendingCount).toBe(0);
    expect(model.sentOf("update")).toEqual([]);
    expect(model.sentOf("lane").map(({ content }) => content.on)).toEqual([true]);
  });

  test("brings what others edit, and does not send it back", async () => {
    const { hub, page } = await aLane("one");

    hub.edit(0, "zero ");
    await settled(100);

    expect(page.text?.toString()).toBe("zero one");
    expect(hub.wires[0]?.askedOf("UPDATE_DOCUMENT")).toEqual([]);
  });

  test("counts an edit as pending until the hub has stored it", async () => {
    const { hub, page } = await aLane();
    hub.isSlow = true;

    type(page, 0, "a");
    await settled(1000);
    expect(page.pendingCount).toBe(1);

    hub.answer();
    await settled();
    expect(page.pendingCount).toBe(0);
  });

  test("sends the first key at once and then at most one message at a time", async () => {
    const { hub, page } = await aLane("");
    hub.isSlow = true;

    for (const letter of "abcdef") type(page, page.text?.length ?? 0, letter);
    expect(hub.wires[0]?.askedOf("UPDATE_DOCUMENT")).toHaveLength(1);

    hub.answer();
    await settled(60);
    expect(hub.wires[0]?.askedOf("UPDATE_DOCUMENT")).toHaveLength(2);
    expect(hub.text).toBe("abcdef");
  });

  test("sends at most twenty messages a second", async () => {
    const { hub, page } = await aLane("");

    for (let n = 0; n < 100; n += 1) {
      type(page, 0, "x");
      await settled(10);
    }

    expect(hub.wires[0]?.askedOf("UPDATE_DOCUMENT").length).toBeLessThanOrEqual(21);
  });

  test("begins with everything that the hub lacks", async () => {
    const hub = new FakeHub();
    const model = new FakeModel();
    const kernel = new FakeKernel(model, "one");
    hub.adopt(kernel.doc);
    const page = aPage(model, hub.line());
    kernel.edit(3, " kernel");

    page.open();
    kernel.isDeaf = true;
    type(page, 0, "page ");
    await settled();

    expect(hub.text).toBe("page one kernel");
    expect(page.pendingCount).toBe(0);
  });

  test("is not taken by a page of somebody else", async () => {
    const hub = new FakeHub();
    hub.user = "u2";

    const { kernel, page } = await aLane("one", hub);
    type(page, 0, "a ");

    expect(page.hasLane).toBe(false);
    expect(kernel.text).toBe("a one");
    expect(hub.text).toBe("one");
  });

  test("ignores what the kernel has and the hub has not", async () => {
    const { hub, kernel, page } = await aLane("one");

    kernel.edit(0, "unsent ");
    type(page, page.text?.length ?? 0, "!");
    await settled();

    expect(page.text?.toString()).toBe("one!");
    expect(hub.text).toBe("one!");
  });

  test("shows the other cell of the page what the hub does not send back", async () => {
    const hub = new FakeHub();
    const line = hub.line();
    const first = new FakeModel();
    const second = new FakeModel();
    const kernel = new FakeKernel(first, "one");
    const twin = new FakeKernel(second, "");
    twin.doc = kernel.doc;
    hub.adopt(kernel.doc);
    const [page, other] = [aPage(first, line), aPage(second, line)];
    page.open();
    other.open();
    await settled();

    type(page, 0, "both ");
    await settled();

    expect(hub.wires).toHaveLength(1);
    expect(other.text?.toString()).toBe("both one");
    expect(hub.text).toBe("both one");
  });
});

describe("without the lane", () => {
  test("edits take the comm at once, and nothing is lost or doubled", async () => {
    const { hub, kernel, model, page } = await aLane("one");
    hub.isSlow = true;
    type(page, 3, " two");

    hub.die();
    type(page, 7, " three");

    expect(page.hasLane).toBe(false);
    expect(kernel.text).toBe("one two three");
    expect(page.pendingCount).toBe(0);
    expect(model.sentOf("lane").map(({ content }) => content.on)).toEqual([true, false]);
  });

  test("the kernel gets along what only the page has heard from the hub", async () => {
    const { hub, kernel, page } = await aLane("one");
    hub.edit(0, "hub ");

    hub.die();
    type(page, 7, "!");

    expect(kernel.text).toBe("hub one!");
  });

  test("edits wait for a busy kernel and reach the hub when the lane is back", async () => {
    const { hub, kernel, page } = await aLane("one");
    kernel.isBusy = true;
    hub.die();
    type(page, 3, " two");
    await settled(2000);
    expect(page.pendingCount).toBe(1);

    hub.isAlive = true;
    await settled(40_000);

    expect(page.hasLane).toBe(true);
    expect(hub.text).toBe("one two");
    expect(page.pendingCount).toBe(0);
    kernel.work();
    expect(page.text?.toString()).toBe("one two");
  });

  test("a refused edit goes to the kernel, and the lane waits until that is settled", async () => {
    const { hub, kernel, page } = await aLane("one");
    hub.refusal = "the document is read-only for you";

    type(page, 3, "!");
    await settled();
    expect(page.hasLane).toBe(false);
    expect(kernel.text).toBe("one!");

    said = { ...said, saveState: "read-only", hasUnsaved: true };
    await settled(120_000);
    expect(page.hasLane).toBe(false);

    hub.refusal = "";
    said = { ...said, saveState: "saved", hasUnsaved: false };
    page.considerLane();
    await settled();
    expect(page.hasLane).toBe(true);
    expect(hub.text).toBe("one!");
  });

  test("a hub that keeps silent is given up", async () => {
    const { hub, kernel, page } = await aLane("one");
    hub.isSlow = true;

    type(page, 3, "!");
    await settled(5_100);

    expect(page.hasLane).toBe(false);
    expect(kernel.text).toBe("one!");
  });

  test("a change that is too large for the hub goes to the kernel, which says why", async () => {
    const { hub, kernel, page } = await aLane("");

    type(page, 0, "x".repeat(LIVE_UPDATE_BYTES + 1));
    await settled();

    expect(hub.wires[0]?.askedOf("UPDATE_DOCUMENT")).toEqual([]);
    expect(page.hasLane).toBe(false);
    expect(kernel.text).toHaveLength(LIVE_UPDATE_BYTES + 1);
  });

  test("a subscription that ended for a new one is made again at once", async () => {
    const { hub, page } = await aLane("one");

    hub.wires[0]?.tell("DOCUMENT_CLOSED", { id: "d1", reason: "resync" });
    await settled();

    expect(page.hasLane).toBe(true);
    expect(hub.wires[0]?.askedOf("SYNC_DOCUMENT")).toHaveLength(2);
  });

  test.each(["access", "deleted"])(
    "a subscription that ended because of %s goes to the kernel",
    async (reason) => {
      const { hub, page } = await aLane("one");

      hub.wires[0]?.tell("DOCUMENT_CLOSED", { id: "d1", reason });

      expect(page.hasLane).toBe(false);
    },
  );

  test("a document that the kernel replaces leaves the lane until the kernel offers the new one", async () => {
    const { kernel, page } = await aLane("draft");

    kernel.replace("the real one");
    expect(page.hasLane).toBe(false);
    expect(page.text?.toString()).toBe("the real one");

    type(page, 0, "> ");
    expect(kernel.text).toBe("> the real one");
  });
});

test("a page that goes away sends what waits, and leaves", async () => {
  const { hub, page } = await aLane("");
  hub.isSlow = true;
  type(page, 0, "a");
  type(page, 1, "b");

  page.close();
  const asked = hub.wires[0]?.asked.map(({ event }) => event).filter((event) => event !== "AWARENESS");
  hub.answer();
  await settled();

  expect(asked).toEqual(["SYNC_DOCUMENT", "UPDATE_DOCUMENT", "UPDATE_DOCUMENT", "LEAVE_DOCUMENT"]);
  expect(hub.text).toBe("ab");
  expect(hub.wires[0]?.isConnected).toBe(false);
});

test("a batch holds what fits into one message, and at least one edit", () => {
  const half = new Uint8Array(LIVE_UPDATE_BYTES / 2);
  const edits = [1, 2, 3].map((seq) => ({ seq, update: half }));

  expect(takeBatch(edits).map(({ seq }) => seq)).toEqual([1, 2]);
  expect(takeBatch([{ seq: 1, update: new Uint8Array(LIVE_UPDATE_BYTES + 1) }])).toHaveLength(1);
  expect(takeBatch([])).toEqual([]);
});

test("a question that the kernel never got is asked again with a later key", async () => {
  const { hub, kernel, page } = await aLane("one");
  kernel.isDeaf = true;
  hub.die();
  kernel.isDeaf = false;
  type(page, 3, "!");
  expect(page.pendingCount).toBe(1);

  await settled(16_000);
  type(page, 4, "!");

  expect(kernel.text).toBe("one!!");
  expect(page.pendingCount).toBe(0);
});
