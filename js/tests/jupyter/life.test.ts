import { afterEach, expect, test, vi } from "vitest";
import { Channel } from "../../src/jupyter/channel";
import { lifeOf } from "../../src/jupyter/life";
import { FakeModel } from "../fake-model";

type OnStatus = (kernel: unknown, status: unknown) => void;

/** A kernel as JupyterLab's widget manager has it: it tells who listens about its status. */
class FakeKernelSignals {
  private readonly listeners = new Set<OnStatus>();
  readonly statusChanged = {
    connect: (listener: OnStatus) => this.listeners.add(listener),
    disconnect: (listener: OnStatus) => this.listeners.delete(listener),
  };

  become(status: string): void {
    for (const listener of this.listeners) listener(this, status);
  }

  get listenerCount(): number {
    return this.listeners.size;
  }
}

function aModel(): { model: FakeModel; kernel: FakeKernelSignals } {
  const model = new FakeModel();
  const kernel = new FakeKernelSignals();
  model.widget_manager = { kernel };
  return { model, kernel };
}

afterEach(() => vi.restoreAllMocks());

test.each(["restarting", "autorestarting", "dead"])("a widget ends when its kernel is %s", (status) => {
  const { model, kernel } = aModel();
  const life = lifeOf(model, new AbortController().signal);
  kernel.become("busy");
  const wasAborted = life.aborted;

  kernel.become(status);

  expect([wasAborted, life.aborted]).toEqual([false, true]);
  expect(kernel.listenerCount).toBe(0);
});

test("a widget ends with its model and listens no longer", () => {
  const { model, kernel } = aModel();
  const stop = new AbortController();
  const life = lifeOf(model, stop.signal);

  stop.abort();

  expect(life.aborted).toBe(true);
  expect(kernel.listenerCount).toBe(0);
});

test("a front end without a kernel object is no mistake", () => {
  const life = lifeOf(new FakeModel(), new AbortController().signal);

  expect(life.aborted).toBe(false);
});

test("sending over a comm that is gone does not throw", () => {
  const { model } = aModel();
  const note = vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(model, "send").mockImplementation(() => {
    throw new Error("Cannot send");
  });
  const channel = new Channel(model, new AbortController().signal);

  expect(() => channel.send("goodbye")).not.toThrow();
  expect(note).toHaveBeenCalledOnce();
});
