// Three versions of a text become one, line by line; and the places in which two texts differ.
import { diff } from "@codemirror/merge";
import { diff3Merge } from "node-diff3";
import { overlaps, rebase } from "./rebase";
import { type Replacement, wholeCharacters } from "./whole-characters";

/** A difference that would take long to find is said more coarsely. */
const MOST_SCANNED = 500;
const MOST_MILLISECONDS = 50;

/** The places of `before` in which it differs from `after`, from the first to the last; never inside a character. */
export function differences(before: string, after: string): Replacement[] {
  const found = diff(before, after, { scanLimit: MOST_SCANNED, timeout: MOST_MILLISECONDS });
  const whole = found.map(({ fromA, toA, fromB, toB }) => {
    const change = { from: fromA, to: toA, insert: after.slice(fromB, toB) };
    return wholeCharacters(change, (position) => before[position]);
  });
  return joined(whole);
}

/** Two changes that were widened until they met are one. */
function joined(changes: Replacement[]): Replacement[] {
  const result: Replacement[] = [];
  for (const change of changes) {
    const last = result.at(-1);
    if (!last || change.from >= last.to) {
      result.push(change);
      continue;
    }
    // What both hold of the text between them stands at the end of the one and at the beginning of the other.
    const shared = last.to - change.from;
    last.insert = last.insert.slice(0, last.insert.length - shared) + change.insert;
    last.to = change.to;
  }
  return result;
}

/** What `base` became on both sides, in one text; null when both have changed the same place otherwise. */
export function merged(base: string, mine: string, theirs: string): string | null {
  if (mine === base || mine === theirs) return theirs;
  if (theirs === base) return mine;
  const lines = (text: string) => text.split("\n");
  const regions = diff3Merge(lines(mine), lines(base), lines(theirs), { excludeFalseConflicts: true });
  if (regions.some(({ conflict }) => conflict))
    // Neighbouring lines, or two places of one line, are two places all the same.
    return overlaps(base, mine, theirs) ? null : rebase(base, mine, theirs);
  return regions.flatMap(({ ok }) => ok ?? []).join("\n");
}
