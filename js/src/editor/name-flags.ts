// Where the name at somebody's cursor can stand without covering text. Pure.

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface FlagPlace {
  left: number;
  top: number;
  /** Nothing is covered; where it is not free, the name shows under the pointer only. */
  isFree: boolean;
}

/** Between a name and what stands beside it. */
const GAP = 3;

/**
 * The place for a name of this size at a cursor. `taken` is the text, and names that have their places already;
 * `seen` is the part of the editor that can be seen.
 */
export function placeOfFlag(cursor: Box, size: Size, taken: readonly Box[], seen: Box): FlagPlace {
  const places = [...besideEnd(cursor, size, taken), ...aboveAndBelow(cursor, size)];
  const row = rowOf(cursor, taken);
  const top = middleOf(cursor, size);
  const fallback = besideRow(row, size, top);
  const free = [...places, ...fallback].find((place) => {
    const box = boxAt(place, size);
    return isInside(box, seen) && !taken.some((other) => overlap(box, other));
  });
  return free ? { ...free, isFree: true } : { ...clamped(cursor, size, seen), isFree: false };
}

type Place = Pick<Box, "left" | "top">;

/** Behind the cursor, where it stands at the end of its line. */
function besideEnd(cursor: Box, size: Size, taken: readonly Box[]): Place[] {
  const row = rowOf(cursor, taken);
  const top = middleOf(cursor, size);
  if (cursor.right >= row.right - 1) return [{ left: cursor.right + GAP, top }];
  return cursor.left <= row.left + 1 ? [{ left: cursor.left - GAP - size.width, top }] : [];
}

function aboveAndBelow(cursor: Box, size: Size): Place[] {
  const [above, below] = [cursor.top - size.height, cursor.bottom];
  const leftwards = cursor.right + 1 - size.width;
  return [
    { left: cursor.left - 1, top: above },
    { left: leftwards, top: above },
    { left: cursor.left - 1, top: below },
    { left: leftwards, top: below },
  ];
}

/** At the end of the line, to the right, or to the left of text that runs from right to left. */
function besideRow(row: Box, size: Size, top: number): Place[] {
  return [
    { left: row.right + GAP, top },
    { left: row.left - GAP - size.width, top },
  ];
}

/** All text in the row of a cursor; the cursor itself where there is none. */
function rowOf(cursor: Box, taken: readonly Box[]): Box {
  const middle = (cursor.top + cursor.bottom) / 2;
  const beside = taken.filter(({ top, bottom }) => top <= middle && middle <= bottom);
  return {
    ...cursor,
    left: Math.min(cursor.left, ...beside.map(({ left }) => left)),
    right: Math.max(cursor.right, ...beside.map(({ right }) => right)),
  };
}

function middleOf(cursor: Box, { height }: Size): number {
  return (cursor.top + cursor.bottom - height) / 2;
}

/** Over the text, but inside of what is seen. */
function clamped(cursor: Box, { width, height }: Size, seen: Box): Place {
  const above = cursor.top - height;
  return {
    left: Math.max(seen.left, Math.min(cursor.left - 1, seen.right - width)),
    top: above < seen.top ? cursor.bottom : above,
  };
}

function boxAt({ left, top }: Place, { width, height }: Size): Box {
  return { left, top, right: left + width, bottom: top + height };
}

function isInside(box: Box, seen: Box): boolean {
  return box.left >= seen.left && box.right <= seen.right && box.top >= seen.top && box.bottom <= seen.bottom;
}

/** Glyphs do not reach the edges of their rows: names may. */
const SLACK = 2;

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < other.right &&
    other.left < one.right &&
    one.top + SLACK < other.bottom &&
    other.top + SLACK < one.bottom
  );
}
