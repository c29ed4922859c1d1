import { expect, test } from "vitest";
import { type Box, placeOfFlag } from "../../src/editor/name-flags";

const HEIGHT = 18;
const SIZE = { width: 80, height: 15 };
const SEEN: Box = { left: 30, top: 0, right: 630, bottom: 200 };

/** Rows of text, each from its first to its last letter; row 0 is the first. */
function text(...rows: ([number, number] | null)[]): Box[] {
  return rows.flatMap((row, index) =>
    row ? [{ left: row[0], right: row[1], top: index * HEIGHT, bottom: (index + 1) * HEIGHT }] : [],
  );
}

function cursorAt(left: number, row: number): Box {
  return { left, right: left, top: row * HEIGHT, bottom: (row + 1) * HEIGHT };
}

/** Checks what holds of every free place: all of it is seen, and no letter is covered. */
function place(cursor: Box, taken: Box[]) {
  const flag = placeOfFlag(cursor, SIZE, taken, SEEN);
  const box = {
    left: flag.left,
    top: flag.top,
    right: flag.left + SIZE.width,
    bottom: flag.top + SIZE.height,
  };
  if (flag.isFree) {
    expect(box.left).toBeGreaterThanOrEqual(SEEN.left);
    expect(box.right).toBeLessThanOrEqual(SEEN.right);
    expect(box.top).toBeGreaterThanOrEqual(SEEN.top);
    for (const { left, right, top, bottom } of taken) {
      const middle = (top + bottom) / 2;
      expect(box.right <= left || box.left >= right || box.bottom <= middle || box.top >= middle).toBe(true);
    }
  }
  return flag;
}

test("at the end of a line the name stands behind the cursor", () => {
  expect(place(cursorAt(200, 0), text([30, 200], [30, 300]))).toMatchObject({ left: 203, isFree: true });
});

test.each([
  ["the first line", 0],
  ["a line between others", 1],
])("at the start of %s the name stands behind its text", (_where, row) => {
  const lines = text([30, 200], [30, 300], [30, 200]);

  expect(place(cursorAt(30, row), lines)).toMatchObject({ left: row ? 303 : 203, isFree: true });
});

test("an empty line above takes the name, or one below", () => {
  expect(place(cursorAt(100, 1), text(null, [30, 600]))).toMatchObject({ top: HEIGHT - 15, isFree: true });
  expect(place(cursorAt(100, 1), text([30, 600], [30, 600]))).toMatchObject({
    top: 2 * HEIGHT,
    isFree: true,
  });
});

test("at the right edge the name stands to the left of the cursor", () => {
  expect(place(cursorAt(600, 1), text([30, 300], [30, 620]))).toMatchObject({ left: 521, isFree: true });
});

test("text from right to left has its room at the left", () => {
  const flag = place(cursorAt(500, 0), text([400, 630], [30, 630]));

  expect(flag).toMatchObject({ left: 317, isFree: true });
});

test("where all is full of text the name waits for the pointer, inside of what is seen", () => {
  const full = text([30, 630], [30, 630], [30, 630]);

  expect(place(cursorAt(620, 1), full)).toEqual({ left: 550, top: HEIGHT - 15, isFree: false });
  expect(place(cursorAt(30, 0), full)).toEqual({ left: 30, top: HEIGHT, isFree: false });
});

test("a name that has its place already is not covered either", () => {
  const first = place(cursorAt(200, 0), text([30, 200], [30, 600]));
  const taken = [
    ...text([30, 200], [30, 600]),
    { left: first.left, right: first.left + SIZE.width, top: first.top, bottom: first.top + SIZE.height },
  ];

  expect(place(cursorAt(200, 0), taken)).toMatchObject({ left: 286, isFree: true });
});
