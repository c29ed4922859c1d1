import { describe, expect, test } from "vitest";
import {
  courseIn,
  describeCourse,
  freshName,
  InvalidMark,
  keptMark,
  markIn,
  nameOf,
  rootId,
  wantedMain,
} from "../../src/cells/mark";

const marked = (mark: unknown) => ({ teaching_nb: mark });

describe("the mark of a cell", () => {
  test("is read as a program or a person has written it", () => {
    expect(markIn(marked({ document: "fib" }), "code")).toEqual({
      document: "fib",
      type: "code",
      shared: false,
    });
    expect(markIn(marked({ document: "fib", shared: "read", base: "x" }), "markdown")).toEqual({
      document: "fib",
      type: "string",
      shared: "read",
      base: "x",
    });
  });

  test.each([[{}], [{ teaching_nb: null }], [undefined], [null], [{ jupyter: {} }]])(
    "is none in %j",
    (metadata) => {
      expect(markIn(metadata, "code")).toBeNull();
    },
  );

  test.each([
    [{ document: "two words" }, "two words"],
    [{ document: 7 }, "7"],
    [{}, "nothing"],
    [{ document: "fib", type: "quiz" }, "quiz"],
    [{ document: "fib", shared: "yes" }, "yes"],
    ["fib", "nothing"],
  ])("is refused in words that name the value: %j", (mark, value) => {
    const read = () => markIn(marked(mark), "code");
    expect(read).toThrow(InvalidMark);
    expect(read).toThrow(value);
  });

  test.each([
    ["code", "string", "markdown"],
    ["markdown", "code", "raw"],
    ["raw", "code", "code"],
  ])("of a %s cell is not for a document of another type, unless it was changed", (cellType, type, other) => {
    const read = (mark: object) => markIn(marked({ document: "fib", type, ...mark }), cellType);
    expect(() => read({})).toThrow(`a document of the type “${type}”, which no ${cellType} cell is`);
    expect(() => read({ cell: other })).toThrow(InvalidMark);
    expect(read({ cell: cellType })?.type).toBe(type);
  });

  test("goes on with its document when the type of its cell is changed", () => {
    const gone = new Set([nameOf({ document: "fib", type: "code", shared: true })]);
    const mark = { document: "fib", shared: true, base: "x" };
    const kept = { ...mark, type: "code", cell: "markdown" };
    expect(keptMark(mark, "markdown", gone)).toEqual(kept);
    expect(keptMark({ ...mark, type: "code" }, "markdown", gone)).toEqual(kept);
    expect(keptMark({ ...kept }, "raw", gone)).toEqual({ ...kept, cell: "raw" });
    // It is written already, back again, of another document, of another type from the beginning, or no mark.
    expect(keptMark(kept, "markdown", gone)).toBeNull();
    expect(keptMark(kept, "code", gone)).toBeNull();
    expect(keptMark({ ...mark, document: "other" }, "markdown", gone)).toBeNull();
    expect(keptMark({ ...mark, type: "string" }, "markdown", gone)).toBeNull();
    expect(keptMark(undefined, "markdown", gone)).toBeNull();
    const both = new Set([...gone, nameOf({ document: "fib", type: "string", shared: true })]);
    expect(keptMark(mark, "markdown", both)).toBeNull();
  });

  test("a notebook names its course, or none", () => {
    expect(courseIn(marked({ course: "26P" }))).toBe("26P");
    expect(courseIn(marked({ course: 7 }))).toBe("");
    expect(courseIn({})).toBe("");
  });

  // As in tests/schema/test_roots.py.
  test.each([undefined, "", "26P", "Informatik 1a – Übungen", "情報", "👩‍🏫".repeat(40), "a".repeat(120)])(
    "a course can be called %j",
    (course) => {
      expect(describeCourse(marked({ course }))).toBe("");
      expect(describeCourse({})).toBe("");
    },
  );

  test.each([
    ["x".repeat(300), '"xxxxxxxxxxxxxxxxxxxxxx…'],
    ["a".repeat(121), '"aaaaaaaaaaaaaaaaaaaaaa…'],
    ["two\nlines", '"two\\nlines"'],
    [" a", '" a"'],
    ["a ", '"a "'],
    ["a\0", '"a\\u0000"'],
    ["a\u2028", '"a'],
    [null, "null"],
    [7, "7"],
  ])("a course cannot be called %j, which is said with the value", (course, value) => {
    expect(describeCourse(marked({ course }))).toContain(`${value}`);
    expect(describeCourse(marked({ course }))).toContain("at most 120 characters");
  });
});

describe("the document of a mark", () => {
  // As schema/roots.py makes them; tests/schema/test_roots.py has the same.
  test("is the one that Python means", () => {
    expect(rootId("fib", "kurs")).toBe("826bd0bb-35d2-561e-af05-9248898bac00");
    expect(rootId("826BD0BB-35D2-561E-AF05-9248898BAC00", "other")).toBe(
      "826bd0bb-35d2-561e-af05-9248898bac00",
    );
  });

  test("is everybody's own, or shared below a root of its own", () => {
    const own = wantedMain({ document: "fib", type: "code", shared: false }, "kurs", "x = 1");
    expect(own).toEqual({
      documentRootId: rootId("fib", "kurs"),
      type: "code",
      data: { code: "x = 1" },
      root: { name: "fib" },
    });
    const read = wantedMain({ document: "fib", type: "string", shared: "read" }, "kurs", "");
    expect(read).toMatchObject({
      data: { text: "" },
      root: { name: "fib", sharedAccess: "RO_DocumentRoot" },
      shared: true,
      ownRootId: rootId("fib", "kurs"),
    });
    expect(read.documentRootId).not.toBe(read.ownRootId);
  });
});

test.each([
  ["Fibonacci numbers", [], "fibonacci-numbers"],
  ["Fibonacci numbers", ["fibonacci-numbers"], "fibonacci-numbers-2"],
  ["Übung: größer?", [], "ubung-grosser"],
  ["", ["cell-1"], "cell-2"],
  ["日本", [], "cell-1"],
])("“%s” beside %j is offered as %s", (words, taken, name) => {
  expect(freshName(words, new Set(taken))).toBe(name);
});
