import { describe, expect, test } from "vitest";
import { type Change, type Fate, fatesOf } from "../../src/cells/fates";

const seen = (cell: string, document: string, text: string) => ({ cell, document, text });

/** A live cell; what the hub has is what the cell holds, and what it held from the first, unless that is said. */
const followed = (cell: string, document: string, text: string, shared = text, first = text) => ({
  ...seen(cell, document, text),
  shared,
  first,
});

function all(change: Partial<Change<string>>): Record<string, Fate> {
  return Object.fromEntries(fatesOf({ cause: "edit", left: [], come: [], stayed: [], ...change }));
}

function kinds(change: Partial<Change<string>>): Record<string, Fate["kind"]> {
  return Object.fromEntries(Object.entries(all(change)).map(([cell, { kind }]) => [cell, kind]));
}

describe("a live cell that comes", () => {
  test("from a file follows the hub", () => {
    expect(kinds({ come: [seen("a", "fib", "x"), seen("b", "", "y")] })).toEqual({ a: "open" });
  });

  test("by a move, a merge or a change of type inherits what left in the same step", () => {
    const change = { left: [followed("a", "fib", "x")], come: [seen("b", "fib", "x\ny")] };
    expect(all(change)).toEqual({ b: { kind: "inherit", base: "x" } });
  });

  test("by undoing these takes back what they did, and nothing that was written since", () => {
    const left = [followed("b", "fib", "x\ny bob", "x\ny bob", "x\ny")];
    const change = { cause: "undo" as const, left, come: [seen("a", "fib", "x")] };
    expect(all(change)).toEqual({ a: { kind: "undo", base: "x\ny" } });
  });

  test("by a split, or pasted and changed, is the user's own", () => {
    const stayed = [followed("a", "fib", "second half", "first half\nsecond half")];
    expect(kinds({ stayed, come: [seen("b", "fib", "first half")] })).toEqual({ b: "strip" });
  });

  test("by a split behind the last letter is the document, and what is left over is not", () => {
    const stayed = [followed("a", "fib", "", "all of it")];
    expect(all({ stayed, come: [seen("b", "fib", "all of it")] })).toEqual({
      a: { kind: "strip" },
      b: { kind: "inherit", base: "all of it" },
    });
  });

  test("as a copy with the same text shows the same document", () => {
    expect(kinds({ stayed: [followed("a", "fib", "x")], come: [seen("b", "fib", "x")] })).toEqual({
      b: "open",
    });
  });

  test("from a file that was read again never speaks for the user", () => {
    const left = [followed("a", "fib", "new")];
    expect(kinds({ cause: "file", left, come: [seen("b", "fib", "stale")] })).toEqual({ b: "open" });
  });

  test("twice inherits once", () => {
    const come = [seen("b", "fib", "1"), seen("c", "fib", "2")];
    expect(kinds({ left: [followed("a", "fib", "12")], come })).toEqual({ b: "inherit", c: "strip" });
  });
});
