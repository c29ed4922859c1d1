// What teachers get to know of a run, and how much of it.
import { expect, test } from "vitest";
import { describeLastRun, lastRun, lastRunIn } from "../../src/cells/last-run";
import { LAST_RUN, LAST_RUN_OUTPUT_BYTES } from "../../src/schema/types/last_run";

const ENDED = {
  isKernelGone: false,
  isSuccess: true,
  startedAt: 1_000,
  endedAt: 1_250,
  outputs: [] as unknown[],
};

function anError(ename: string, ...traceback: string[]) {
  return { output_type: "error", ename, evalue: "", traceback };
}

test("a run that went well", () => {
  const run = lastRun({ ...ENDED, outputs: [{ output_type: "stream", name: "stdout", text: "1\n" }] });

  expect(run).toEqual({
    ...LAST_RUN,
    status: "ok",
    startedAt: "1970-01-01T00:00:01.000Z",
    duration: 0.25,
    outputs: [{ output_type: "stream", name: "stdout", text: "1\n" }],
  });
  expect(describeLastRun(run)).toEqual({ symbol: "✓", words: "ran in 0.3 s" });
  expect(describeLastRun({ ...run, duration: 1e300 }).words).toBe("ran in 1E300 s");
});

test.each([
  [
    "the innermost line of the cell",
    ["Cell In[3], line 9\n----> 9 f()", "\u001b[36mCell In[3], line 2\u001b[0m, in f()"],
    2,
  ],
  ["as older ones say it", ["<ipython-input-1-abc> in <module>, line 4"], 4],
  ["of a library alone", ["File /usr/lib/python3/json.py:3"], 0],
  ["nothing", [], 0],
])("an error is told with its name and its line: %s", (_what, traceback, line) => {
  const run = lastRun({ ...ENDED, isSuccess: false, outputs: [anError("NameError", ...traceback)] });

  expect([run.status, run.error, run.line]).toEqual(["error", "NameError", line]);
  expect(describeLastRun(run).words).toBe(line ? `NameError in line ${line}` : "NameError");
});

test("an interrupted run, and one whose kernel has ended", () => {
  const interrupted = lastRun({ ...ENDED, isSuccess: false, outputs: [anError("KeyboardInterrupt")] });
  expect(describeLastRun(interrupted).words).toBe("interrupted");
  const died = lastRun({ ...ENDED, isKernelGone: true, isSuccess: false });
  expect([died.status, describeLastRun(died).words]).toEqual(["died", "the kernel ended"]);
});

test("the first outputs are kept as far as there is room: text is cut between characters, pictures are left out", () => {
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
  const long = { output_type: "stream", name: "stdout", text: "😀\n".repeat(LAST_RUN_OUTPUT_BYTES) };
  const run = lastRun({ ...ENDED, outputs: [long, { output_type: "stream", name: "stderr", text: "late" }] });

  const [first, ...others] = run.outputs as { text: string }[];
  expect(others).toEqual([]);
  expect(first?.text.replaceAll("😀\n", "").replace(/^😀$/, "")).toBe("");
  expect(bytes(run.outputs)).toBeLessThanOrEqual(LAST_RUN_OUTPUT_BYTES + 2);
  expect(bytes(run.outputs)).toBeGreaterThan(LAST_RUN_OUTPUT_BYTES - 10);
  expect(run.isCut).toBe(true);

  const data = { "image/png": "A".repeat(LAST_RUN_OUTPUT_BYTES), "text/plain": "<Figure>" };
  const shown = lastRun({ ...ENDED, outputs: [{ output_type: "display_data", data, metadata: {} }] });
  expect(shown.outputs).toEqual([
    { output_type: "display_data", data: { "text/plain": "<Figure>" }, metadata: {} },
  ]);
  expect(shown.isCut).toBe(true);
});

test.each([[null], ["x"], [{ status: 3, line: "a", duration: {} }], [{ status: "none" }]])(
  "what is no run is shown as none: %j",
  (data) => {
    expect(lastRunIn(data)).toEqual(LAST_RUN);
    expect(describeLastRun(lastRunIn(data)).words).toBe("");
  },
);
