// What another program has stored, as far as a type understands it. That kernels have the same rule for every type is
// seen in tests/schema/test_misfits.py.
import { expect, test } from "vitest";
import { fits, fitting } from "../../src/document/fitting";
import { FORMS } from "../../src/schema/forms";
import { TASK_STATE } from "../../src/schema/types/task_state";

const DEFAULTS = { text: "", count: 0, list: [] as number[], isDone: false };
const ODD_LISTS = [[], [-1], [0, 0], [0.5], ["a"], [null]];
const ODD = [null, true, 1, -1, 3.7, 2 ** 60, "", "nope", ...ODD_LISTS, {}, { a: 1 }];

test.each([
  [{ text: "a", count: 2, list: [0, 3], isDone: true }, []],
  [{ text: 1 }, ["text"]],
  [{ count: "2", list: { 0: 1 } }, ["count", "list"]],
  [{ list: [0, -1] }, ["list"]],
  [{ list: ["a"] }, ["list"]],
  [undefined, []],
  [null, [""]],
  [[1], [""]],
  ["text", [""]],
])("%j does not fit in data of no type", (stored, misfits) => {
  const found = fitting(DEFAULTS, stored);

  expect(found.misfits.map(({ key }) => key)).toEqual(misfits);
  for (const key of misfits)
    if (key) expect(found.data).toHaveProperty(key, DEFAULTS[key as keyof typeof DEFAULTS]);
});

test.each([...FORMS])(
  "of %j what fits is shown, and the default in the place of the rest",
  (defaults, forms) => {
    for (const [key, form] of Object.entries(forms)) {
      let odd = 0;
      for (const value of ODD) {
        const { data, misfits } = fitting(defaults, { ...defaults, of: "another program", [key]: value });
        expect(misfits).toEqual(fits(value, form) ? [] : [{ key, value }]);
        expect(data).toEqual({
          ...defaults,
          of: "another program",
          ...(fits(value, form) ? { [key]: value } : {}),
        });
        odd += misfits.length;
      }
      expect(odd).toBeGreaterThan(0);
    }
  },
);

test("keys of other programs are kept beside what fits", () => {
  expect(fitting(DEFAULTS, { text: "a", qid: "q1" }).data).toEqual({ ...DEFAULTS, text: "a", qid: "q1" });
});

test("a word that the type does not have does not fit", () => {
  expect(fitting(TASK_STATE, { state: "nope" })).toEqual({
    data: TASK_STATE,
    misfits: [{ key: "state", value: "nope" }],
  });
});
