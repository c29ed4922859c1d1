import { expect, test, vi } from "vitest";
import { afterLongWork } from "../../src/jupyter/kernel-work";
import { FakeModel } from "../fake-model";

type Listener = (kernel: unknown, message: object) => void;

/** A kernel that tells of its messages, and a clock. */
class Kernel {
  now = 0;
  readonly listeners = new Set<Listener>();
  readonly model = new FakeModel();
  readonly recheck = vi.fn();
  readonly stop = new AbortController();

  constructor() {
    const iopubMessage = {
      connect: (listener: Listener) => this.listeners.add(listener),
      disconnect: (listener: Listener) => this.listeners.delete(listener),
    };
    this.model.widget_manager = { kernel: { iopubMessage } };
    afterLongWork(this.model, this.stop.signal, this.recheck, () => this.now);
  }

  say(state: string, parent = "execute_request"): void {
    const message = { header: { msg_type: "status" }, parent_header: { msg_type: parent } };
    for (const listener of this.listeners)
      listener(this, { ...message, content: { execution_state: state } });
  }
}

test("a long cell that has ended calls for a second look", () => {
  const kernel = new Kernel();

  kernel.say("busy");
  kernel.now = 5_000;
  expect(kernel.recheck).not.toHaveBeenCalled();
  kernel.say("idle");

  expect(kernel.recheck).toHaveBeenCalledTimes(1);
});

test("a short cell does not", () => {
  const kernel = new Kernel();

  kernel.say("busy");
  kernel.now = 300;
  kernel.say("idle");

  expect(kernel.recheck).not.toHaveBeenCalled();
});

test("a widget's message that the kernel takes meanwhile is not the end", () => {
  const kernel = new Kernel();
  kernel.say("busy");
  kernel.now = 5_000;

  kernel.say("idle", "comm_msg");

  expect(kernel.recheck).not.toHaveBeenCalled();
});

test("a page that was opened while the cell ran looks again too", () => {
  const kernel = new Kernel();

  kernel.say("idle");

  expect(kernel.recheck).toHaveBeenCalledTimes(1);
});

test("a widget that is gone listens no longer", () => {
  const kernel = new Kernel();

  kernel.stop.abort();

  expect(kernel.listeners.size).toBe(0);
});
