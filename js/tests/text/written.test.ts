// A document in the outputs of a notebook's file.
import { expect, test } from "vitest";
import { rewritten } from "../../src/text/written";

const NOW = new Date(2026, 2, 5, 14, 7);

/** As the kernel has it: `tests/widgets/test_snapshot.py`. */
const FIB = {
  "text/plain": "fib_1 (as of 2026-03-05 14:07 UTC)\n\nx = 1",
  "text/markdown": "**fib&#95;1** (as of 2026-03-05 14:07 UTC)\n\n```python\nx = 1\n```",
};

test("the text and the time are new, the name and the language stay", () => {
  const fresh = rewritten(FIB, "x = 2\n\nprint(x)", NOW);

  expect(fresh?.["text/plain"]).toMatch(/^fib_1 \(as of 2026-03-05 14:07 \S+\)\n\nx = 2\n\nprint\(x\)$/);
  expect(fresh?.["text/markdown"]).toMatch(
    /^\*\*fib&#95;1\*\* \(as of 2026-03-05 14:07 \S+\)\n\n```python\nx = 2\n\nprint\(x\)\n```$/,
  );
});

test("what is written can be written again", () => {
  const fresh = rewritten(FIB, "", NOW);

  expect(fresh && rewritten(fresh, "y\n\nz", NOW)?.["text/plain"]).toMatch(/^fib_1 \(as of .*\)\n\ny\n\nz$/);
  expect(fresh && rewritten(fresh, "", NOW)).toBeNull();
});

test("the fence is longer than any in the text, and a terminal is told nothing", () => {
  const fresh = rewritten(FIB, "````\n</pre>\x1b[2J", NOW);

  expect(fresh?.["text/markdown"]).toContain("\n\n`````python\n````\n</pre>\ufffd[2J\n`````");
  expect(fresh?.["text/plain"]).toContain("\n\n````\n</pre>\ufffd[2J");
});

test("a name that looks like a time stays", () => {
  const written = { ...FIB, "text/plain": "(as of old) (as of 2026-03-05 14:07 UTC)\n\nx = 1" };

  expect(rewritten(written, "y", NOW)?.["text/plain"]).toMatch(
    /^\(as of old\) \(as of 2026-03-05 14:07 \S+\)\n\ny$/,
  );
});

test.each([
  ["the same text", FIB, "x = 1"],
  ["somebody else's plain text", { ...FIB, "text/plain": "<Widget>" }, "y"],
  ["somebody else's Markdown", { ...FIB, "text/markdown": "**fib** (as of x)\n\ny" }, "z"],
])("%s is left alone", (_what, written, text) => {
  expect(rewritten(written, text, NOW)).toBeNull();
});
