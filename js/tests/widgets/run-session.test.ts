import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Channel } from "../../src/jupyter/channel";
import type { Step } from "../../src/outputs/outputs";
import { KERNEL_MESSAGE_BYTES } from "../../src/schema/limits";
import { describeRun, RunSession } from "../../src/widgets/code/run-session";
import { FakeJupyterKernel } from "../fake-jupyter";
import { FakeModel } from "../fake-model";

let stop: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function aRun(): { model: FakeModel; runs: RunSession } {
  const model = new FakeModel();
  return { model, runs: new RunSession(new Channel(model, stop.signal), model, stop.signal) };
}

function tell(model: FakeModel, number: number, state: string, steps: Step[] = []): void {
  const run = model.sentOf("run").at(-1)?.content.run ?? "r";
  model.receive({ kind: "run", number, run, state, status: state === "done" ? "ok" : "", count: 3, steps });
}

test("a run sends the code once until it is done", () => {
  const { model, runs } = aRun();

  runs.start("1 + 1");
  runs.start("1 + 1");
  expect(model.sentOf("run")).toHaveLength(1);
  expect(model.sentOf("run")[0]?.content.code).toBe("1 + 1");

  tell(model, 1, "done");
  runs.start("2 + 2");
  expect(model.sentOf("run")).toHaveLength(2);
});

test("code that would end the connection to the kernel is not sent, and the next is", () => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  const { model, runs } = aRun();
  runs.start("");
  const around = JSON.stringify(model.sentOf("run")[0]?.content).length;
  tell(model, 1, "done");
  const fitting = `é${"x".repeat(KERNEL_MESSAGE_BYTES - around - 2)}`;

  runs.start(`${fitting}x`);
  expect(model.sentOf("run")).toHaveLength(1);
  expect(runs.isBusy).toBe(false);
  expect(describeRun(runs.state, runs.status, runs.count, runs.refusal).words).toBe(
    "Not run: the message to the kernel would have 10,000,001 bytes, and the limit is 10,000,000. " +
      "Shorten the program first.",
  );

  runs.start(fitting);
  expect(model.sentOf("run")).toHaveLength(2);
  expect(runs.isBusy).toBe(true);
});

test("a gap in the numbers asks for the whole output", () => {
  const { model, runs } = aRun();
  runs.start("x");
  tell(model, 1, "running");

  tell(model, 3, "running", [{ op: "text", id: 1, drop: 0, rewind: false, text: "late" }]);

  expect(model.sentOf("show_output")).toHaveLength(1);
});

test("a view that comes later draws what there is", () => {
  const { model, runs } = aRun();
  runs.start("x");
  tell(model, 1, "queued", [{ op: "clear" }]);
  tell(model, 2, "done", [{ op: "add", output: { id: 1, type: "notice", text: "n" } }]);
  const listener = vi.fn();

  runs.listen(listener, stop.signal);

  expect(listener).toHaveBeenCalledWith([{ id: 1, type: "notice", text: "n" }]);
});

test("what a question of the code is answered with goes to the kernel once", () => {
  const { model, runs } = aRun();
  runs.start("input()");
  const run = model.sentOf("run")[0]?.content.run;
  const question = { number: 7, prompt: "Name? ", secret: false };
  model.receive({ kind: "run", number: 1, run, state: "running", status: "", count: 3, steps: [], question });
  expect(describeRun("running", "", 3, "", runs.question !== null).words).toBe("Waiting for your input …");

  runs.answer(question, "Ada");

  expect(model.sentOf("input_reply").map(({ content }) => content)).toEqual([
    { kind: "input_reply", run, number: 7, value: "Ada" },
  ]);
  expect(runs.question).toBeNull();
});

test("an interrupt that the widget does not take goes to the kernel itself", () => {
  const { model, runs } = aRun();
  const kernel = new FakeJupyterKernel("busy");
  model.widget_manager = kernel.manager;
  runs.start("x");
  tell(model, 1, "running");

  runs.interrupt();
  expect(model.sentOf("interrupt")).toHaveLength(1);
  expect(kernel.interrupts).toBe(0);

  vi.advanceTimersByTime(2000);
  expect(kernel.interrupts).toBe(1);
});

test("cancelling a waiting run never interrupts the cell that runs before it", () => {
  const { model, runs } = aRun();
  const kernel = new FakeJupyterKernel("busy");
  model.widget_manager = kernel.manager;
  runs.start("x");
  tell(model, 1, "queued");

  runs.interrupt();
  vi.advanceTimersByTime(5000);

  expect(kernel.interrupts).toBe(0);
});

test("every end of a run has words", () => {
  expect(describeRun("done", "ok", 4).words).toBe("[4] Finished");
  expect(describeRun("done", "error", 4).words).toBe("[4] Ended with an error");
  expect(describeRun("done", "interrupted", 4).words).toBe("[4] Interrupted");
  expect(describeRun("done", "cancelled", null).words).toBe("Not run");
  expect(describeRun("queued", "", null).words).toContain("Waiting");
});
