// How it stands with a live cell, in words. Pure.
import { LIVE_TEXT_BYTES } from "../schema/limits";
import type { SaveShown, Unsent } from "../status/save-state";
import { sentence } from "../text/sentence";
import type { NotTaken } from "./cell-bridge";
import type { Shared } from "./mark";
import type { AsideReason } from "./reconcile";
import type { Phase, ShownText } from "./shown-text";

export interface CellState {
  phase: Phase;
  /** What the hub said last. */
  words: string;
  /** The hub's text is here, and edits go to it. */
  isSynced: boolean;
  isLive: boolean;
  isWritable: boolean;
  isReadable: boolean;
  /** The hub does not take what was typed. */
  isRefused: boolean;
  pending: number;
  pendingFor: number;
  isKeeping: boolean;
  shared: Shared;
}

export function stateOf(cell: ShownText): CellState {
  const { live } = cell;
  return {
    phase: cell.phase,
    words: live?.trouble || cell.words,
    isSynced: live?.isSynced === true,
    isLive: cell.isLive,
    isWritable: cell.isWritable,
    isReadable: live?.isReadable !== false,
    isRefused: live?.isRefused === true,
    pending: live?.pendingCount ?? 0,
    pendingFor: live?.pendingFor ?? 0,
    isKeeping: cell.isKeeping,
    shared: cell.mark.shared,
  };
}

/** Waiting longer than this is worth a word (ms). */
const PATIENCE = 1_200;

const OPENING: SaveShown = { tone: "busy", symbol: "↻", words: "Opening …", detail: "" };
const NOT_LIVE: SaveShown = { tone: "bad", symbol: "✗", words: "Not live", detail: "" };
const SAVED: SaveShown = { tone: "good", symbol: "✓", words: "Saved", detail: "" };
const SAVING: SaveShown = { tone: "busy", symbol: "↻", words: "Saving …", detail: "" };

const AWAITED =
  "Your teacher has not opened this yet. Until then you see what the notebook brings; their text appears by itself.";

export function describeCell(state: CellState): SaveShown {
  switch (state.phase) {
    case "opening":
      return OPENING;
    case "awaited":
      return { tone: "quiet", symbol: "◷", words: "Not opened yet", detail: AWAITED };
    case "refused":
      return { ...NOT_LIVE, detail: sentence(state.words) };
    case "unreachable":
      return {
        tone: "warn",
        symbol: "⚠",
        words: "Offline",
        detail:
          "The hub cannot be reached. Save the notebook: what you type is merged with the others' when the hub is back.",
      };
    default:
      return describeOpen(state);
  }
}

function describeOpen(state: CellState): SaveShown {
  if (state.isRefused) {
    const words = state.isReadable ? "Read only, not saved" : "Not saved";
    return { tone: "bad", symbol: "✗", words, detail: "" };
  }
  if (!state.isReadable) return { ...NOT_LIVE, detail: sentence(state.words) };
  if (!state.isSynced) return OPENING;
  if (!state.isLive) return describeOffline(state);
  if (!state.isWritable)
    return { tone: "quiet", symbol: "⊘", words: "Read only", detail: whyReadOnly(state.shared) };
  if (!state.pending) return SAVED;
  if (state.pendingFor < PATIENCE) return SAVING;
  return {
    tone: "warn",
    symbol: "◷",
    words: "Waiting for the hub",
    detail: `${count(state.pending)} only in this browser so far.`,
  };
}

function describeOffline({ pending, isKeeping, words }: CellState): SaveShown {
  const offline = { tone: "warn", symbol: "⚠", words: "Offline" } as const;
  const why = words ? ` (${words})` : "";
  if (!pending) return { ...offline, detail: `What others write is not shown until the hub answers${why}.` };
  const kept = isKeeping ? "kept in this browser" : "only on this page";
  return { ...offline, detail: `${count(pending)} ${kept} until the hub answers${why}.` };
}

/** What is said of edits that the hub does not take. */
export function describeRefused({ isRefused, words }: CellState): Unsent | null {
  if (!isRefused) return null;
  const why = words ? ` (${words})` : "";
  return {
    words: `Your last changes were not saved${why}. If you are allowed to write again, they are saved then.`,
  };
}

function whyReadOnly(shared: Shared): string {
  return shared === "read" ? "Teachers write this, and everybody reads it." : "You may not change this text.";
}

const NOT_TAKEN: Record<NotTaken, string> = {
  "read-only": "You may not change this text: what you typed was taken back.",
  cleaned: "Some characters were left out or replaced: a shared text cannot hold them.",
  "too-large": `Not inserted: a live text holds at most ${LIVE_TEXT_BYTES.toLocaleString("en")} bytes. Shorten it first.`,
};

export function describeNotTaken(why: NotTaken | ""): string {
  return why && NOT_TAKEN[why];
}

/** What is said after a run of text that others have changed since. */
export function describeChanges(names: string[]): string {
  const [first, second, ...more] = names;
  if (!first) return "";
  const who = more.length
    ? `${first} and ${names.length - 1} others`
    : [first, second].filter(Boolean).join(" and ");
  return `${who} changed this since your last run.`;
}

const ASIDE: Record<AsideReason, string> = {
  unknown:
    "This cell had another text than the hub, and it is not known which is newer. The hub's text is shown.",
  "read-only": "This cell had changes of yours, but you may not change the shared text.",
  conflict:
    "The same lines were changed by you and by others meanwhile. Your version is not in the shared text, and nobody else sees it.",
};

/** What is said of a text of the user's that is not in the shared one. */
export function describeAside(why: AsideReason): string {
  return ASIDE[why];
}

function count(pending: number): string {
  return pending === 1 ? "1 change" : `${pending} changes`;
}
