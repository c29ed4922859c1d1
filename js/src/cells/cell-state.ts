// How it stands with a live cell, in words. Pure.

import { LIVE_TEXT_BYTES } from "../schema/limits";
import { opening, type SaveShown, saved, saving, type Unsent } from "../status/save-state";
import { sentence } from "../text/sentence";
import { numberWords, phrase, said, saidIfKnown, t } from "../text/words";
import type { NotTaken } from "./cell-bridge";
import type { Shared } from "./mark";
import type { AsideReason } from "./reconcile";
import type { Phase, ShownText } from "./shown-text";

export interface CellState {
  phase: Phase;
  /** What the hub said last. */
  words: string;
  /** What can be done where it refuses. */
  advice: string;
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
    advice: cell.advice ?? "",
    isSynced: live?.isSynced === true,
    isLive: cell.isLive,
    isWritable: cell.isWritable,
    isReadable: live?.isReadable !== false && live?.isUnfit !== true,
    isRefused: live?.isRefused === true,
    pending: live?.pendingCount ?? 0,
    pendingFor: live?.pendingFor ?? 0,
    isKeeping: cell.isKeeping,
    shared: cell.mark.shared,
  };
}

/** Waiting longer than this is worth a word (ms). */
const PATIENCE = 1_200;

const AWAITED = phrase(
  "Your teacher has not opened this yet. Until then you see what the notebook brings; their text appears by itself.",
);

function notLive({ advice, words }: CellState): SaveShown {
  return { tone: "bad", symbol: "✗", words: t("Not live"), detail: `${sentence(words)} ${advice}`.trim() };
}

export function describeCell(state: CellState): SaveShown {
  switch (state.phase) {
    case "opening":
      return opening();
    case "awaited":
      return { tone: "quiet", symbol: "◷", words: t("Not opened yet"), detail: said(AWAITED) };
    case "refused":
      return notLive(state);
    case "unreachable":
      return describeUnreached(state);
    default:
      return describeOpen(state);
  }
}

function describeOpen(state: CellState): SaveShown {
  if (state.isRefused) {
    const words = state.isReadable ? t("Read only, not saved") : t("Not saved");
    return { tone: "bad", symbol: "✗", words, detail: "" };
  }
  if (!state.isReadable) return notLive(state);
  // It takes so long that something was typed.
  if (!state.isSynced) return state.isKeeping ? describeUnreached(state) : opening();
  if (!state.isLive) return describeOffline(state);
  if (!state.isWritable)
    return { tone: "quiet", symbol: "⊘", words: t("Read only"), detail: whyReadOnly(state.shared) };
  if (!state.pending) return saved();
  if (state.pendingFor < PATIENCE) return saving();
  return {
    tone: "warn",
    symbol: "◷",
    words: t("Waiting for the hub"),
    detail: t("1 change only in this browser so far.|{count} changes only in this browser so far.", {
      count: state.pending,
    }),
  };
}

/** The hub has never shown this document to this page. */
function describeUnreached({ isKeeping }: CellState): SaveShown {
  const detail = isKeeping
    ? t(
        "The hub cannot be reached. What you type is kept in this browser, and merged with the others' when the hub is back.",
      )
    : t(
        "The hub cannot be reached. Save the notebook: what you type is merged with the others' when the hub is back.",
      );
  return { tone: "warn", symbol: "⚠", words: t("Offline"), detail };
}

function describeOffline({ pending, isKeeping, words }: CellState): SaveShown {
  const what = !pending
    ? t("What others write is not shown until the hub answers")
    : isKeeping
      ? t(
          "1 change kept in this browser until the hub answers|{count} changes kept in this browser until the hub answers",
          { count: pending },
        )
      : t(
          "1 change only on this page until the hub answers|{count} changes only on this page until the hub answers",
          { count: pending },
        );
  return { tone: "warn", symbol: "⚠", words: t("Offline"), detail: withReason(what, words) };
}

/** What is said of edits that the hub does not take. */
export function describeRefused({ isRefused, words }: CellState): Unsent | null {
  if (!isRefused) return null;
  const what = withReason(t("Your last changes were not saved"), words);
  return { words: `${what} ${t("If you are allowed to write again, they are saved then.")}` };
}

function whyReadOnly(shared: Shared): string {
  return shared === "read"
    ? t("Teachers write this, and everybody reads it.")
    : t("You may not change this text.");
}

const NOT_TAKEN: Record<NotTaken, () => string> = {
  "read-only": () => t("You may not change this text: what you typed was taken back."),
  cleaned: () => t("Some characters were left out or replaced: a shared text cannot hold them."),
  "too-large": () =>
    t("Not inserted: a live text holds at most {limit} bytes. Shorten it first.", {
      limit: numberWords(LIVE_TEXT_BYTES),
    }),
};

export function describeNotTaken(why: NotTaken | ""): string {
  return why && NOT_TAKEN[why]();
}

/** What is said after a run of text that others have changed since. */
export function describeChanges(names: string[]): string {
  const [first, second, ...more] = names;
  if (!first) return "";
  const who = more.length
    ? t("{names} and {number} others", { names: first, number: names.length - 1 })
    : second
      ? t("{names} and {last}", { names: first, last: second })
      : first;
  return t("{who} changed this since your last run.", { who });
}

const ASIDE: Record<AsideReason, () => string> = {
  unknown: () =>
    t(
      "This cell had another text than the hub, and it is not known which is newer. The hub's text is shown.",
    ),
  "read-only": () => t("This cell had changes of yours, but you may not change the shared text."),
  conflict: () =>
    t(
      "The same lines were changed elsewhere meanwhile. Your version is not in the shared text, and nobody else sees it.",
    ),
};

/** What is said of a text of the user's that is not in the shared one. */
export function describeAside(why: AsideReason): string {
  return ASIDE[why]();
}

/** A sentence with what the hub has said last. */
function withReason(what: string, why: string): string {
  const known = saidIfKnown(why);
  return known ? `${what} (${known}).` : `${what}.`;
}
