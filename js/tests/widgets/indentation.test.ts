import { Text } from "@codemirror/state";
import { expect, test } from "vitest";
import { unitOf } from "../../src/widgets/code/indentation";

test.each([
  ["", "    "],
  ["x = 1\nif x:\n    pass", "    "],
  ["if x:\n\tpass\n", "\t"],
  ["if x:\n\n\t\tpass\n    y", "\t"],
  ["def f():\n  return 1\n\tx", "    "],
  ["# \t no indentation\nx = 1", "    "],
  ["\t\n \nif x:\n    y", "    "],
])("%j is indented with %j", (program, unit) => {
  expect(unitOf(Text.of(program.split("\n")))).toBe(unit);
});
