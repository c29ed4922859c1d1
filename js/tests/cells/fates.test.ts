import { describe, expect, test } from "vitest";
import { type Change, type Fate, fatesOf } from "../../src/cells/fates";

const seen = (cell: string, document: string, text: string) => ({ cell, document, text });

function fates(change: Partial<Change<string>>): Record<string, Fate["kind"]> {
  const found = fatesOf({ left: [], come: [], stayed: [], isReload: false, ...change });
  return Object.fromEntries([...found].map(([cell, { kind }]) => [cell, kind]));
}

describe("a live cell that comes", () => {
  test("from a file follows the hub", () => {
    expect(fates({ come: [seen("a", "fib", "x"), seen("b", "", "y")] })).toEqual({ a: "open" });
  });

  test("by a move, a merge or a change of type inherits what left in the same step", () => {
    const change = {
      left: [seen("a", "fib", "x")],
      come: [seen("b", "fib", "x\ny")],
      stayed: [],
      isReload: false,
    };
    expect(fatesOf(change).get("b")).toEqual({ kind: "inherit", base: "x" });
  });

  test("by a split, or pasted and changed, is the user's own", () => {
    const stayed = [seen("a", "fib", "second half")];
    expect(fates({ stayed, come: [seen("b", "fib", "first half")] })).toEqual({ b: "strip" });
  });

  test("as a copy with the same text shows the same document", () => {
    expect(fates({ stayed: [seen("a", "fib", "x")], come: [seen("b", "fib", "x")] })).toEqual({ b: "open" });
  });

  test("from a file that was read again never speaks for the user", () => {
    const left = [seen("a", "fib", "new")];
    expect(fates({ left, come: [seen("b", "fib", "stale")], isReload: true })).toEqual({ b: "open" });
  });

  test("twice inherits once", () => {
    const come = [seen("b", "fib", "1"), seen("c", "fib", "2")];
    expect(fates({ left: [seen("a", "fib", "12")], come })).toEqual({ b: "inherit", c: "strip" });
  });
});
