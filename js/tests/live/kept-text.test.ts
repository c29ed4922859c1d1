// What the notebook's file keeps of a live text.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keptDocuments } from "../../src/jupyter/kept-documents";
import { LiveSession } from "../../src/live/live-session";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

/** A document in an output, as the kernel has written it. */
const WRITTEN = {
  "text/plain": "fib (as of 2026-03-05 14:07 UTC)\n\nx = 1",
  "text/markdown": "**fib** (as of 2026-03-05 14:07 UTC)\n\n```python\nx = 1\n```",
};

let stop: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "info").mockImplementation(() => {});
  stop = new AbortController();
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function aSession(snapshot: string | null, own_id = "w") {
  const model = new FakeModel({ own_id, text_key: "code", lane: {}, save_state: "offline", snapshot });
  const kernel = new FakeKernel(model, "x = 1");
  const session = new LiveSession(model, stop.signal);
  session.enter(stop.signal);
  await vi.advanceTimersByTimeAsync(1000);
  return { model, kernel, session };
}

test("what is typed on the page stands in the trait that a notebook's file keeps, and is not sent for that", async () => {
  const { model, session } = await aSession("x = 1");

  session.live.text?.insert(5, "2");
  const sent = model.sent.length;
  await vi.advanceTimersByTimeAsync(600);

  expect(model.get("snapshot")).toBe("x = 12");
  expect(model.sent.slice(sent).map(({ content }) => content.kind)).not.toContain("snapshot");
});

test("what others type is kept too, also after the kernel has replaced the document", async () => {
  const { model, kernel } = await aSession("x = 1");

  kernel.replace("y");
  await vi.advanceTimersByTimeAsync(600);
  expect(model.get("snapshot")).toBe("y");
  kernel.edit(1, " = 2");
  await vi.advanceTimersByTimeAsync(600);

  expect(model.get("snapshot")).toBe("y = 2");
});

test("an older text of the kernel does not stay", async () => {
  const { model } = await aSession("x = 1");

  model.set("snapshot", "old");
  await vi.advanceTimersByTimeAsync(600);

  expect(model.get("snapshot")).toBe("x = 1");
});

test("of a document that the notebook does not name nothing is kept", async () => {
  const { model, session } = await aSession(null);

  session.live.text?.insert(5, "2");
  await vi.advanceTimersByTimeAsync(600);

  expect(model.get("snapshot")).toBeNull();
});

test("whoever saves the notebook gets what was typed at once, and when the kernel has ended what was last", async () => {
  const { model, session } = await aSession("x = 1", "w1");

  session.live.text?.insert(5, "2");
  expect(keptDocuments().get("w1")?.(WRITTEN)?.["text/plain"]).toMatch(/\n\nx = 12$/);
  stop.abort();
  model.set("snapshot", "later");

  expect(keptDocuments().get("w1")?.(WRITTEN)?.["text/plain"]).toMatch(/\n\nx = 12$/);
});

test("of a document that the notebook does not name nobody gets a text", async () => {
  await aSession(null, "w2");

  expect(keptDocuments().get("w2")?.(WRITTEN)).toBeNull();
});
