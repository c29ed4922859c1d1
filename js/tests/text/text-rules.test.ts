import { afterEach, describe, expect, test } from "vitest";
import { LIVE_TEXT_BYTES } from "../../src/schema/limits";
import { difference } from "../../src/text/rebase";
import { cleaned, describeNulls, describeTooLarge, jsonBytes } from "../../src/text/text-rules";
import { hasHalves, pieces, wholeCharacters } from "../../src/text/whole-characters";
import { AnEditor, AROUND } from "../an-editor";

let editor: AnEditor | undefined;

afterEach(() => editor?.destroy());

test.each([
  ["a\r\nb", "a\nb", 0],
  ["a\rb\r", "a\nb\n", 0],
  ["a\0b\0", "ab", 2],
  ["\ud83d!", "\ufffd!", 0],
  ["!\ude00", "!\ufffd", 0],
  ["😀\u200d\u0301\u2028\t", "😀\u200d\u0301\u2028\t", 0],
])("%j enters a text as %j", (text, wanted, nulls) => {
  expect(cleaned(text)).toEqual({ text: wanted, nulls });
});

test("NUL is left out, and the user is told", () => {
  editor = new AnEditor("x");

  editor.type(1, "a\0b\0", { event: "input.paste" });

  expect(editor.text.toString()).toBe("xab");
  expect(editor.notices).toEqual([describeNulls(2)]);
  expect(editor.view.state.selection.main.head).toBe(3);
});

describe("the limit", () => {
  test("takes the last byte that fits, and says of one more how much it would be", () => {
    const most = LIVE_TEXT_BYTES - AROUND;
    editor = new AnEditor("xx");

    editor.type(1, "é".repeat((most - 3) / 2), { event: "input.paste" });
    editor.type(1, "y");
    expect(jsonBytes(editor.text.toString())).toBe(most);
    expect(editor.notices).toEqual([]);
    editor.type(1, "z");

    expect(jsonBytes(editor.text.toString())).toBe(most);
    expect(editor.notices).toEqual([describeTooLarge(LIVE_TEXT_BYTES + 1)]);
    expect(editor.notices[0]).toContain("1,000,001 bytes, and the limit is 1,000,000");
  });

  test("counts what stands in the text already, as JSON writes it", () => {
    const most = LIVE_TEXT_BYTES - AROUND;
    editor = new AnEditor("\n".repeat((most - 201) / 2));

    editor.type(0, "y".repeat(4));
    editor.type(0, '"'.repeat(99));

    expect(editor.text.length).toBe((most - 201) / 2 + 4);
    expect(editor.notices).toHaveLength(1);
  });

  test("never hinders making a text shorter", () => {
    editor = new AnEditor("x".repeat(LIVE_TEXT_BYTES + 500));

    editor.type(0, "", { remove: 10, event: "delete.backward" });

    expect(editor.text.length).toBe(LIVE_TEXT_BYTES + 490);
    expect(editor.notices).toEqual([]);
  });
});

test.each(["", "plain", 'quote " and \\', "\n\t\u0001", "é界😀"])(
  "the bytes of %j are those of JSON",
  (text) => {
    expect(jsonBytes(text)).toBe(new TextEncoder().encode(JSON.stringify({ t: text })).length - 8);
  },
);

test("a change that begins or ends inside a character takes the whole of it", () => {
  const text = "a😀b";
  const unit = (at: number) => text[at];

  expect(wholeCharacters({ from: 2, to: 3, insert: "\ude01" }, unit)).toEqual({
    from: 1,
    to: 3,
    insert: "😁",
  });
  expect(wholeCharacters({ from: 2, to: 2, insert: "!" }, unit)).toEqual({
    from: 1,
    to: 3,
    insert: "\ud83d!\ude00",
  });
  expect(wholeCharacters({ from: 1, to: 3, insert: "" }, unit)).toEqual({ from: 1, to: 3, insert: "" });
  expect(wholeCharacters({ from: 0, to: 2, insert: "\ud83e" }, unit)).toEqual({
    from: 0,
    to: 3,
    insert: "\ud83e\ude00",
  });
});

test("pieces of a text do not cut characters", () => {
  expect(pieces("a😀😀b", 2)).toEqual(["a", "😀", "😀", "b"]);
  expect(pieces("", 2)).toEqual([]);
});

test.each([
  ["x😀y", "x😁y"],
  ["😀", "😀😀"],
  ["a\u{1f600}", "a\u{1f900}"],
])("the difference of %s and %s is made of whole characters", (before, after) => {
  const { from, to, insert } = difference(before, after);

  expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
  expect(hasHalves(insert)).toBe(false);
  expect(hasHalves(before.slice(from, to))).toBe(false);
});
