// Carry an edit over to another text: base → local is the user's edit, base → remote what happened meanwhile.
import { splitsCharacter } from "./whole-characters";

export interface Span {
  /** Range of the base that was replaced, and what stands there now. */
  from: number;
  to: number;
  insert: string;
}

/** Return the smallest single replacement of whole characters that turns `before` into `after`. */
export function difference(before: string, after: string): Span {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  if (isSplit(before, start) || isSplit(after, start)) start -= 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  if (isSplit(before, before.length - end) || isSplit(after, after.length - end)) end -= 1;
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

/**
 * Return `remote` with the user's edit in it.
 *
 * Where both changed the same place, what the user typed is put behind what came in: nothing typed is dropped.
 */
export function rebase(base: string, local: string, remote: string): string {
  if (local === base || local === remote) return remote;
  if (remote === base) return local;
  const mine = difference(base, local);
  const theirs = difference(base, remote);
  const shift = theirs.insert.length - (theirs.to - theirs.from);
  if (mine.to <= theirs.from) return splice(remote, mine.from, mine.to, mine.insert);
  if (mine.from >= theirs.to) return splice(remote, mine.from + shift, mine.to + shift, mine.insert);
  const behind = theirs.from + theirs.insert.length;
  return splice(remote, behind, behind, mine.insert);
}

/** Tell whether both edits replaced the same place, or each began a text. */
export function overlaps(base: string, local: string, remote: string): boolean {
  if (local === base || remote === base || local === remote) return false;
  if (base === "") return true;
  const mine = difference(base, local);
  const theirs = difference(base, remote);
  return mine.to > theirs.from && mine.from < theirs.to;
}

/** Return where a position of the text before a replacement is after it; one at its beginning stays. */
export function placeAfter(position: number, { from, to, insert }: Span): number {
  if (position <= from) return position;
  return position < to ? Math.min(position, from + insert.length) : position - to + from + insert.length;
}

function isSplit(text: string, position: number): boolean {
  return splitsCharacter(text[position - 1], text[position]);
}

function splice(text: string, from: number, to: number, insert: string): string {
  return text.slice(0, from) + insert + text.slice(to);
}
