import { afterEach, describe, expect, test, vi } from "vitest";
import { Channel } from "../../src/jupyter/channel";
import { afterLongWork, interruptKernel, kernelStatus, lifeOf } from "../../src/jupyter/manager";
import { FakeJupyterKernel } from "../fake-jupyter";
import { FakeModel } from "../fake-model";

function aModelOf(kernel: FakeJupyterKernel): FakeModel {
  const model = new FakeModel();
  model.widget_manager = kernel.manager;
  return model;
}

function aModel(): { model: FakeModel; kernel: FakeJupyterKernel } {
  const kernel = new FakeJupyterKernel();
  return { model: aModelOf(kernel), kernel };
}

afterEach(() => vi.restoreAllMocks());

describe("a widget's life", () => {
  test.each(["restarting", "autorestarting", "terminating", "dead"])(
    "ends when its kernel is %s",
    (status) => {
      const { model, kernel } = aModel();
      const life = lifeOf(model, new AbortController().signal);
      kernel.become("busy");
      const wasAborted = life.aborted;

      kernel.become(status);

      expect([wasAborted, life.aborted]).toEqual([false, true]);
      expect(kernel.listenerCount).toBe(0);
    },
  );

  test("ends with its model, and nothing listens any longer", () => {
    const { model, kernel } = aModel();
    const stop = new AbortController();
    const life = lifeOf(model, stop.signal);

    stop.abort();

    expect(life.aborted).toBe(true);
    expect(kernel.listenerCount).toBe(0);
  });
});

describe("work that took long", () => {
  function watched() {
    const { model, kernel } = aModel();
    const clock = { now: 0 };
    const [recheck, stop] = [vi.fn(), new AbortController()];
    afterLongWork(model, stop.signal, recheck, () => clock.now);
    return { kernel, clock, recheck, stop };
  }

  test("calls for a second look when it has ended", () => {
    const { kernel, clock, recheck } = watched();

    kernel.say("busy");
    clock.now = 5_000;
    expect(recheck).not.toHaveBeenCalled();
    kernel.say("idle");

    expect(recheck).toHaveBeenCalledTimes(1);
  });

  test("is none when the cell was short", () => {
    const { kernel, clock, recheck } = watched();

    kernel.say("busy");
    clock.now = 300;
    kernel.say("idle");

    expect(recheck).not.toHaveBeenCalled();
  });

  test.each([
    ["was short", 300, 0],
    ["took long", 5_000, 1],
    // The clock of another computer, say.
    ["is said to begin later than it ended", -100, 1],
  ])("that made the widget counts from when it was sent: it %s", (_name, elapsed, times) => {
    const { kernel, clock, recheck } = watched();
    const sent = Date.parse("2026-11-29T12:00:00Z");
    clock.now = sent + elapsed;

    kernel.say("idle", "execute_request", new Date(sent).toISOString());

    expect(recheck).toHaveBeenCalledTimes(times);
  });

  test("that made the widget counts as long when nobody says when it was sent", () => {
    const { kernel, recheck } = watched();

    kernel.say("idle");

    expect(recheck).toHaveBeenCalledTimes(1);
  });

  test("has not ended with a widget's message that the kernel takes meanwhile", () => {
    const { kernel, clock, recheck } = watched();
    kernel.say("busy");
    clock.now = 5_000;

    kernel.say("idle", "comm_msg");

    expect(recheck).not.toHaveBeenCalled();
  });

  test("may have begun before the page was opened", () => {
    const { kernel, recheck } = watched();

    kernel.say("idle");

    expect(recheck).toHaveBeenCalledTimes(1);
  });

  test("is of no interest to a widget that is gone", () => {
    const { kernel, stop } = watched();
    stop.abort();
    expect(kernel.listenerCount).toBe(0);

    afterLongWork(aModelOf(kernel), stop.signal, () => {});

    expect(kernel.listenerCount).toBe(0);
  });
});

test.each([
  ["idle", "connected", "idle"],
  ["busy", "connected", "busy"],
  ["autorestarting", "connected", "dead"],
  ["starting", "connected", "unknown"],
  ["busy", "connecting", "disconnected"],
])("a kernel that is %s and %s counts as %s", (status, connectionStatus, wanted) => {
  const { model, kernel } = aModel();
  Object.assign(kernel, { status, connectionStatus });

  expect(kernelStatus(model)).toBe(wanted);
});

test("a kernel is interrupted as it does that itself", () => {
  const { model, kernel } = aModel();

  expect(interruptKernel(model)).toBe(true);
  expect(kernel.interrupts).toBe(1);
});

test("a front end without a kernel object is no mistake, and nothing is complained of", () => {
  const complain = vi.spyOn(console, "warn").mockImplementation(() => {});
  const [model, stop] = [new FakeModel(), new AbortController()];

  expect(lifeOf(model, stop.signal).aborted).toBe(false);
  expect(kernelStatus(model)).toBe("unknown");
  expect(interruptKernel(model)).toBe(false);
  afterLongWork(model, stop.signal, () => {});
  expect(complain).not.toHaveBeenCalled();
});

test.each(["status", "connectionStatus", "interrupt", "statusChanged", "iopubMessage"])(
  "a kernel whose “%s” has moved is complained of once, and the widget goes on",
  async (part) => {
    vi.resetModules();
    const manager = await import("../../src/jupyter/manager");
    const complain = vi.spyOn(console, "warn").mockImplementation(() => {});
    const model = new FakeModel();
    model.widget_manager = { kernel: Object.assign(new FakeJupyterKernel(), { [part]: { moved: true } }) };
    const stop = new AbortController();

    for (let time = 0; time < 2; time += 1) {
      manager.lifeOf(model, stop.signal);
      manager.afterLongWork(model, stop.signal, () => {});
      manager.kernelStatus(model);
      manager.interruptKernel(model);
    }
    stop.abort();

    expect(complain.mock.calls.map(([words]) => words)).toEqual([expect.stringContaining(`“${part}”`)]);
  },
);

test("sending over a comm that is gone does not throw", () => {
  const { model } = aModel();
  const note = vi.spyOn(console, "info").mockImplementation(() => {});
  vi.spyOn(model, "send").mockImplementation(() => {
    throw new Error("Cannot send");
  });
  const channel = new Channel(model, new AbortController().signal);

  expect(() => channel.send("leave")).not.toThrow();
  expect(note).toHaveBeenCalledOnce();
});
