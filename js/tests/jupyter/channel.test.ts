// Questions to the kernel: who is answered, and that nobody waits for ever.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Channel, Refused } from "../../src/jupyter/channel";
import { KERNEL_MESSAGE_BYTES } from "../../src/schema/limits";
import { FakeJupyterKernel } from "../fake-jupyter";
import { FakeModel } from "../fake-model";

let stop: AbortController;
let model: FakeModel;
let kernel: FakeJupyterKernel;
let channel: Channel;

beforeEach(() => {
  vi.useFakeTimers();
  [stop, model, kernel] = [new AbortController(), new FakeModel(), new FakeJupyterKernel()];
  model.widget_manager = kernel.manager;
  channel = new Channel(model, stop.signal);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function contentOf(kind: string, number = 0): Record<string, unknown> {
  return model.sentOf(kind)[number]?.content ?? {};
}

/** What has become of a question by now. */
async function fateOf(question: Promise<unknown>): Promise<unknown> {
  const isOpen = Promise.resolve("open");
  return Promise.race([question, isOpen]).catch((error: Error) => error.message);
}

test("each question gets its own answer, with what comes beside it", async () => {
  const [first, second] = [channel.ask("version", { number: 1 }), channel.ask("version", { number: 2 })];
  const [older, newer] = [contentOf("version"), contentOf("version", 1)];

  const to = channel.peer;
  model.receive({ kind: "answer", to, ask: newer.ask, value: { text: "new" } }, [new Uint8Array([7])]);
  model.receive({ kind: "answer", to, ask: older.ask, value: { text: "old" } });

  expect(older).toMatchObject({ peer: channel.peer, number: 1 });
  expect(await first).toEqual({ value: { text: "old" }, buffers: [] });
  expect(await second).toEqual({ value: { text: "new" }, buffers: [new Uint8Array([7])] });
});

test("a refusal is told in the kernel's words", async () => {
  const question = channel.ask("assign", { key: "state", value: 3 });
  const { ask } = contentOf("assign");

  model.receive({ kind: "answer", to: channel.peer, ask, refusal: "not a task state: 3" });

  await expect(question).rejects.toEqual(new Refused("not a task state: 3"));
});

test("answers to other pages, and to all of them, are none", async () => {
  const question = channel.ask("history", {});
  const { ask } = contentOf("history");

  model.receive({ kind: "answer", to: "another page", ask, value: 1 });
  model.receive({ kind: "answer", ask, value: 2 });

  expect(await fateOf(question)).toBe("open");
});

test("a kernel that keeps silent is given up", async () => {
  const question = channel.ask("history", {});
  const told = expect(question).rejects.toThrow("the kernel does not answer");

  await vi.advanceTimersByTimeAsync(20_000);

  await told;
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ["runs a cell", "busy", "connected"],
  ["cannot be reached", "unknown", "connecting"],
])("a kernel that %s is waited for", async (_what, status, connectionStatus) => {
  Object.assign(kernel, { status, connectionStatus });
  const question = channel.ask("history", {});

  await vi.advanceTimersByTimeAsync(600_000);
  expect(await fateOf(question)).toBe("open");

  Object.assign(kernel, { status: "idle", connectionStatus: "connected" });
  const told = expect(question).rejects.toThrow("does not answer");
  await vi.advanceTimersByTimeAsync(20_000);
  await told;
});

test("nothing is left hanging when the kernel ends, and nothing can be asked any more", async () => {
  const questions = [channel.ask("history", {}), channel.ask("version", { number: 1 })];
  const told = Promise.all(
    questions.map((question) => expect(question).rejects.toThrow("run the cell again")),
  );

  stop.abort();

  await told;
  await expect(channel.ask("history", {})).rejects.toThrow("run the cell again");
  expect(vi.getTimerCount()).toBe(0);
  expect(model.listenerCount("msg:custom")).toBe(0);
});

test("a question that would end the connection is refused and not sent", async () => {
  vi.spyOn(console, "info").mockImplementation(() => {});

  const question = channel.ask("assign", { key: "text", value: "x".repeat(KERNEL_MESSAGE_BYTES) });

  await expect(question).rejects.toThrow("and the limit is 10,000,000");
  expect(model.sent).toEqual([]);
});
