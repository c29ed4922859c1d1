import { describe, expect, test } from "vitest";
import { type AsideText, asideOf, asideTexts, bothAside, reconcile } from "../../src/cells/reconcile";
import { differences, merged } from "../../src/text/merge";

const meet = (local: string, shared: string, base?: string, isWritable = true) =>
  reconcile({ local, shared, base, isWritable });

describe("a cell that meets its document", () => {
  test("sends nothing when the file is as the hub had it, however much newer the hub is", () => {
    expect(meet("old", "new", "old")).toEqual({});
    expect(meet("same", "same")).toEqual({});
    expect(meet("  \n", "new")).toEqual({});
  });

  test("merges in what was written without the hub", () => {
    expect(meet("one\ntwo!\nthree", "ONE\ntwo\nthree", "one\ntwo\nthree")).toEqual({
      push: "ONE\ntwo!\nthree",
    });
  });

  test("keeps a version beside the shared text where both changed the same lines", () => {
    expect(meet("mine", "theirs", "one")).toEqual({ aside: { text: "mine", why: "conflict" } });
  });

  test("joins what was typed here a moment ago, as everybody's is", () => {
    const meeting = { local: "a!\nmine\nb!", shared: "a\ntheirs\nb", base: "a\nb", isWritable: true };
    expect(reconcile(meeting).aside?.why).toBe("conflict");
    expect(reconcile({ ...meeting, isTypedHere: true })).toEqual({ push: "a!\nmine\ntheirs\nb!" });
    expect(reconcile({ ...meeting, isTypedHere: true, isWritable: false }).aside?.why).toBe("read-only");
    expect(reconcile({ ...meeting, isTypedHere: true, base: undefined }).aside?.why).toBe("unknown");
  });

  test("keeps a text beside it whose origin nobody knows", () => {
    expect(meet("mine", "theirs")).toEqual({ aside: { text: "mine", why: "unknown" } });
  });

  test("keeps what a reader has changed", () => {
    expect(meet("mine", "theirs", "base", false)).toEqual({ aside: { text: "mine", why: "read-only" } });
  });

  test("sends nothing twice", () => {
    expect(meet("one!", "one!", "one")).toEqual({});
    expect(meet("one!\n\ntwo", "one!\n\nTWO", "one\n\ntwo")).toEqual({});
  });
});

describe("a file that was saved while its author was typing", () => {
  test.each([
    ["hello wor", "hello world and more", "hello wo"],
    ["a\nb", "a\nbc\nd", "a\n"],
    ["x = 1", "x = 12\ny = 3\n", ""],
    ["😀", "😀😁", ""],
  ])("%j is no news to %j", (local, shared, base) => {
    expect(meet(local, shared, base)).toEqual({});
    expect(meet(local, shared, base, false)).toEqual({});
  });

  test("what was written besides is news all the same", () => {
    expect(meet("hello wor\n\nmine", "hello world\n\n", "hello wo\n\n")).toEqual({
      push: "hello world\n\nmine",
    });
  });
});

describe("differences", () => {
  test.each([
    ["", ""],
    ["a\nb\nc\n", "a\nx\nc\n"],
    ["  x\n  y\n", "# x\n# y\n"],
    ["a😀b", "a😁b"],
    ["😀😀", "😁😀😁"],
    ["abc", ""],
    ["", "😀"],
  ])("of %j and %j lead from the one to the other", (before, after) => {
    let text = before;
    for (const { from, to, insert } of [...differences(before, after)].reverse())
      text = text.slice(0, from) + insert + text.slice(to);
    expect(text).toBe(after);
  });

  test("leave alone what lies between two of them", () => {
    const places = differences("first\nmiddle\nlast", "first!\nmiddle\nlast!");
    expect(places.map(({ from }) => from)).toEqual([5, 17]);
  });
});

test("lines that both added alike are there once", () => {
  expect(merged("a\n", "a\nb\n", "a\nb\n")).toBe("a\nb\n");
  expect(merged("a\n\nz", "a\nb\n\nz", "a\nb\n\nz!")).toBe("a\nb\n\nz!");
  expect(merged("one two", "ONE two", "one TWO")).toBe("ONE TWO");
});

describe("several texts beside the shared one", () => {
  const conflict = (text: string): AsideText => ({ text, why: "conflict" });

  test("wait behind each other, each once", () => {
    const two = bothAside(conflict("a"), conflict("b"));
    expect(asideTexts(two as AsideText)).toEqual(["b", "a"]);
    expect(bothAside(two, conflict("a"))).toBe(two);
    expect(bothAside(two, null)).toBe(two);
    expect(asideTexts(bothAside(two, asideOf(["d", "c", "a"])) as AsideText)).toEqual(["d", "c", "b", "a"]);
  });

  test("come back from a mark as they went into it", () => {
    for (const texts of ["one", ["three", "two", "one"]])
      expect(asideTexts(asideOf(texts) as AsideText)).toEqual(texts);
    expect(asideOf([])).toBeNull();
  });
});
