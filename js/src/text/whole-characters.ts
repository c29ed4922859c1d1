// Text as Yjs can hold it. Yjs counts UTF-16 units, but a unit that is half of a character does not survive the
// way to others: it becomes U+FFFD. No change may therefore begin or end inside a pair of units. Pure.

/** A replacement of the units `from` to `to` of some text. */
export interface Replacement {
  from: number;
  to: number;
  insert: string;
}

const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function isFirstHalf(unit: string | undefined): boolean {
  return unit !== undefined && unit >= "\ud800" && unit <= "\udbff";
}

function isSecondHalf(unit: string | undefined): boolean {
  return unit !== undefined && unit >= "\udc00" && unit <= "\udfff";
}

/** Whether a position lies between the two units of one character. */
export function splitsCharacter(before: string | undefined, after: string | undefined): boolean {
  return isFirstHalf(before) && isSecondHalf(after);
}

/** Widen a change until it replaces whole characters; the result is the same text. `unitAt` reads the old text. */
export function wholeCharacters(
  change: Replacement,
  unitAt: (position: number) => string | undefined,
): Replacement {
  let { from, to, insert } = change;
  const [first, last] = [unitAt(from - 1), unitAt(to)];
  if (splitsCharacter(first, unitAt(from))) {
    insert = first + insert;
    from -= 1;
  }
  if (to > change.from && splitsCharacter(unitAt(to - 1), last)) {
    insert += last;
    to += 1;
  } else if (to === change.from && from < change.from) {
    // An insertion into the middle of a character: its second half stands behind what is inserted.
    insert += last;
    to += 1;
  }
  return { from, to, insert };
}

/** Cut a text into pieces of at most `size` units, none of which ends inside a character. */
export function pieces(text: string, size: number): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + size, text.length);
    if (splitsCharacter(text[end - 1], text[end])) end -= 1;
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}

/** The first `size` units of a text, or one less where they would end inside a character. */
export function startOf(text: string, size: number): string {
  return pieces(text.slice(0, size + 1), size)[0] ?? "";
}

export function hasHalves(text: string): boolean {
  return text.search(HALF) >= 0;
}

/** Put the sign for “no character” in the place of halves. */
export function withoutHalves(text: string): string {
  return text.replace(HALF, "\ufffd");
}
