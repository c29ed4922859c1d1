// Whose text counts when a cell meets its document. Attaching alone never sends anything to the hub: only what is known
// to have been written by the user, without the hub, is merged in. Pure.
import { differences, merged } from "../text/merge";
import { cleaned } from "../text/text-rules";
import type { Replacement } from "../text/whole-characters";
import { joined } from "./joining";

export interface Meeting {
  /** The cell's text. */
  local: string;
  /** The hub's text. */
  shared: string;
  /** What the user's text was made of, where that is known. */
  base: string | undefined;
  isWritable: boolean;
  /** What was typed belongs to what stood here a moment ago: it is joined as everybody's is, and never kept beside. */
  isTypedHere?: boolean;
}

/** Why a text of the user's is kept beside the shared one. */
export type AsideReason = "unknown" | "read-only" | "conflict";

/** A text of the user's that is not in the shared one. */
export interface AsideText {
  text: string;
  why: AsideReason;
  /** One that waited already when this came: it is shown when this one has been decided about. */
  earlier?: AsideText | null;
}

/** Both, the newer one first; one that waits already is not put in again. */
export function bothAside(before: AsideText | null, now?: AsideText | null): AsideText | null {
  if (!now) return before;
  const waits = (one?: AsideText | null): boolean => !!one && (one.text === now.text || waits(one.earlier));
  if (waits(before)) return before;
  return before ? { ...now, earlier: bothAside(before, now.earlier) } : now;
}

/** The texts as the mark of a cell keeps them, the newest first. */
export function asideTexts({ text, earlier }: AsideText): string | string[] {
  const all = [text];
  for (let one = earlier; one; one = one.earlier) all.push(one.text);
  return all.length > 1 ? all : text;
}

export function asideOf(texts: string | readonly string[]): AsideText | null {
  return [texts]
    .flat()
    .reduceRight<AsideText | null>((earlier, text) => bothAside(earlier, { text, why: "conflict" }), null);
}

export interface Outcome {
  /** The new shared text, as an edit of the user's; undefined when the hub's text stays. */
  push?: string;
  aside?: AsideText;
}

export function reconcile({ shared, isWritable, isTypedHere = false, ...meeting }: Meeting): Outcome {
  // A file may have other line ends than the hub, which is no change of anybody's.
  const local = cleaned(meeting.local).text;
  const base = meeting.base === undefined ? undefined : cleaned(meeting.base).text;
  if (local === shared || local === base || !local.trim()) return {};
  if (base === undefined) return { aside: { text: local, why: "unknown" } };
  const mine = withoutKnown(base, local, shared);
  if (mine === base) return {};
  if (!isWritable) return { aside: { text: local, why: "read-only" } };
  const push = merged(base, mine, shared) ?? (isTypedHere ? joined(base, mine, shared) : null);
  if (push === null) return { aside: { text: local, why: "conflict" } };
  return push === shared ? {} : { push };
}

/**
 * The user's text without those changes that the hub's text goes on from: a file that was saved while its author was
 * typing holds the beginning of what they typed, and the hub has had all of it since.
 */
function withoutKnown(base: string, local: string, shared: string): string {
  const theirs = differences(base, shared);
  const isKnown = ({ from, insert, to }: Replacement) =>
    theirs.some((one) => one.from === from && one.to === to && one.insert.startsWith(insert));
  const news = differences(base, local).filter((change) => !isKnown(change));
  return news.reduceRight(
    (text, { from, insert, to }) => text.slice(0, from) + insert + text.slice(to),
    base,
  );
}
