import { expect, test } from "vitest";
import { difference, overlaps, rebase } from "../../src/text/rebase";

test("difference is the smallest single replacement", () => {
  expect(difference("abcd", "abXd")).toEqual({ from: 2, to: 3, insert: "X" });
  expect(difference("aa", "aaa")).toEqual({ from: 2, to: 2, insert: "a" });
  expect(difference("same", "same")).toEqual({ from: 4, to: 4, insert: "" });
});

test.each([
  ["nothing typed", "abc", "abc", "xyz", "xyz"],
  ["nothing came in", "abc", "abXc", "abc", "abXc"],
  ["both made the same change", "abc", "abXc", "abXc", "abXc"],
  ["typed before", "abc", "Xabc", "abcY", "XabcY"],
  ["typed behind", "abc", "abcX", "Yabc", "YabcX"],
  ["deleted behind", "abc", "ab", "Yabc", "Yab"],
  ["the same place", "abc", "aXc", "aYc", "aYXc"],
  ["everything was replaced", "abc", "abcX", "", "X"],
])("rebase: %s", (_name, base, local, remote, wanted) => {
  expect(rebase(base, local, remote)).toBe(wanted);
});

test.each([
  ["a\nb\n", "a\nb\nc\n", "# t\na\nb\n", false],
  ["a = 1", "a = 12", "a = 1\nb = 2", false],
  ["def f(): ...", "def f(): ...\nf()", "def f():\n    return 1", false],
  ["def f(): ...", "def f(x): pass", "def f():\n    return 1", true],
  ["x = 1", "x = 1", "y", false],
  ["x = 1", "y", "x = 1", false],
  ["x = 1", "y", "y", false],
  ["", "mine", "theirs", true],
])("edits of %j to %j and %j replace one place: %s", (base, local, remote, isSame) => {
  expect(overlaps(base, local, remote)).toBe(isSame);
});
