// What another program has stored, as far as a type understands it.
import { expect, test } from "vitest";
import { fitting } from "../../src/document/fitting";

const DEFAULTS = { text: "", count: 0, list: [] as number[], isDone: false, value: null as boolean | null };

test.each([
  [{ text: "a", count: 2, list: [0, 3], isDone: true, value: false }, []],
  [{ text: 1 }, ["text"]],
  [{ count: "2", list: { 0: 1 } }, ["count", "list"]],
  [{ list: [0, -1] }, ["list"]],
  [{ list: ["a"] }, ["list"]],
  [{ value: {} }, ["value"]],
  [null, []],
  [undefined, []],
  [[1], [""]],
  ["text", [""]],
])("%j does not fit in %j", (stored, misfits) => {
  const found = fitting(DEFAULTS, stored);

  expect(found.misfits).toEqual(misfits);
  for (const key of misfits)
    if (key) expect(found.data).toHaveProperty(key, DEFAULTS[key as keyof typeof DEFAULTS]);
});

test("keys of other programs are kept beside what fits", () => {
  expect(fitting(DEFAULTS, { text: "a", qid: "q1" }).data).toEqual({ ...DEFAULTS, text: "a", qid: "q1" });
});
