// One sentence about where the user's last keystroke is. Pure.

import type { KernelStatus } from "../jupyter/manager";
import { sentence } from "../text/sentence";
import { phrase, t } from "../text/words";

export interface SaveInput {
  /** What the model in the kernel says. */
  saveState: string;
  saveDetail: string;
  /** The kernel holds changes that the hub has not stored. */
  hasUnsaved: boolean;
  /** Edits of this page that the kernel (with a lane: the hub) has not taken, and since when (ms). */
  pending: number;
  pendingFor: number;
  /** Whether this page has the text, and how long it has been asking for it (ms). */
  isSynced: boolean;
  askingFor: number;
  kernel: KernelStatus;
  /** Edits go straight to the hub; what the model says concerns the kernel's own edits only. */
  hasLane: boolean;
  /** The browser knows of no network; a Jupyter server on the same computer answers all the same. */
  isOffline?: boolean;
  /** The kernel offers a lane: a page that is offline and has none hears nothing of others. */
  isLaneOffered?: boolean;
  /** The widget's comm is gone. */
  isClosed: boolean;
  /** The hub refuses this page's edits, and the model does not say so yet. */
  isLowered?: boolean;
  /** What was done last was refused, and what is shown is as it was before; why is said above. */
  isTakenBack?: boolean;
  /** A version of the user's waits that could not be merged with the shared text. */
  isUnmerged?: boolean;
  /** The comm is gone, and something was not saved: kept for the next widget of the document, or just shown. */
  left?: "" | "kept" | "shown";
}

/** Changes that will not be saved unless something happens. */
export interface Unsent {
  words: string;
}

export type Tone = "good" | "busy" | "warn" | "bad" | "quiet";

export interface SaveShown {
  tone: Tone;
  symbol: string;
  words: string;
  detail: string;
}

/** A kernel that takes longer than this is worth a word. */
const PATIENCE = 1200;
/** … and longer than this does not answer. */
const SILENCE = 8000;

// Functions, for what they say is known when the page has taken its language.
export const saved = (): SaveShown => ({ tone: "good", symbol: "✓", words: t("Saved"), detail: "" });
export const saving = (): SaveShown => ({ tone: "busy", symbol: "↻", words: t("Saving …"), detail: "" });
export const opening = (): SaveShown => ({ tone: "busy", symbol: "↻", words: t("Opening …"), detail: "" });

/** Not true of an edit that the kernel holds itself. */
const kernelAlone = () =>
  t(
    "Your text is at the hub. The kernel is not connected to it just now, and does not know the newest text.",
  );

const deaf = () => t("Your changes are saved. What others write is not shown until the network is back.");

function onlyHere(count: number): string {
  return t("1 change only in this browser page so far.|{count} changes only in this browser page so far.", {
    count,
  });
}

const closed = (): SaveShown => ({
  tone: "bad",
  symbol: "✗",
  words: t("Not connected"),
  detail: t("The kernel was restarted or has ended. Run the notebook cell again."),
});

function offline(what: string): SaveShown {
  return {
    tone: "warn",
    symbol: "⚠",
    words: t("Offline"),
    detail: t("This computer has no network. {what}", { what }),
  };
}

/** Waiting for the kernel, for `what` since `since` ms; null while that is no time at all. */
function waiting({ kernel, isOffline }: SaveInput, since: number, what: string): SaveShown | null {
  if (kernel === "dead") {
    return {
      tone: "bad",
      symbol: "✗",
      words: t("The kernel has ended"),
      detail: t("{what} Restart the kernel.", { what }),
    };
  }
  if (isOffline && (kernel === "disconnected" || since >= PATIENCE)) return offline(what);
  if (kernel === "disconnected") {
    return { tone: "warn", symbol: "⚠", words: t("No connection to the kernel"), detail: what };
  }
  if (since < PATIENCE) return null;
  if (kernel === "busy") {
    return { tone: "warn", symbol: "◷", words: t("Waiting for the running cell"), detail: what };
  }
  if (since < SILENCE) return { tone: "warn", symbol: "◷", words: t("Waiting for the kernel"), detail: what };
  return { tone: "bad", symbol: "⚠", words: t("The kernel does not answer"), detail: what };
}

/** Waiting for the hub since `since` ms. */
function waitingForHub(pending: number, since: number): SaveShown {
  if (since < PATIENCE) return saving();
  return { tone: "warn", symbol: "◷", words: t("Waiting for the hub"), detail: onlyHere(pending) };
}

/** The kernel is there, and cannot do what it was asked before the hub is back. */
function isWaitingForHub({ saveState, kernel, isOffline }: SaveInput): boolean {
  return saveState === "offline" && (kernel === "idle" || kernel === "unknown") && !isOffline;
}

function withWhatIsHere(shown: SaveShown, pending: number): SaveShown {
  return { ...shown, detail: `${shown.detail} ${onlyHere(pending)}` };
}

/** The hub says so by itself; the kernel's own words follow when it has the time. */
function lowered({ pending }: SaveInput): SaveShown {
  const detail = sentence(phrase("you may read this document, not change it"));
  return pending
    ? { tone: "bad", symbol: "⊘", words: t("Read only, not saved"), detail }
    : { tone: "quiet", symbol: "⊘", words: t("Read only"), detail };
}

export const notMerged = (): SaveShown => ({ tone: "bad", symbol: "✗", words: t("Not merged"), detail: "" });

const takenBack = (): SaveShown => ({ tone: "bad", symbol: "✗", words: t("Not saved"), detail: "" });

/** The model says “refused” of a version beside the text, not of what is typed into the text. */
function isOnlyUnmerged({ saveState, hasUnsaved, isUnmerged }: SaveInput): boolean {
  return saveState === "refused" && isUnmerged === true && !hasUnsaved;
}

function fromModel({ saveState, saveDetail, hasUnsaved, pending }: SaveInput): SaveShown {
  const detail = sentence(saveDetail);
  switch (saveState) {
    case "saved":
      // “all changes are saved” says nothing new; what comes behind it (a merge, say) does.
      return { ...saved(), detail: sentence(saveDetail.split("; ").slice(1).join("; ")) };
    case "saving":
      return { ...saving(), detail };
    case "offline":
      return {
        tone: "warn",
        symbol: "⚠",
        words: t("Offline"),
        detail: detail || t("Kept in this kernel; sent when the hub answers again."),
      };
    case "refused":
      return {
        tone: "bad",
        symbol: "✗",
        // Where nothing is unsaved the document itself is refused.
        words: hasUnsaved || pending ? t("Not saved") : t("Not available"),
        detail: detail || t("The hub refused the change."),
      };
    case "read-only":
      return hasUnsaved
        ? { tone: "bad", symbol: "⊘", words: t("Read only, not saved"), detail }
        : { tone: "quiet", symbol: "⊘", words: t("Read only"), detail };
    default:
      return { tone: "warn", symbol: "?", words: t("Unknown state “{saveState}”", { saveState }), detail };
  }
}

export function describeSave(input: SaveInput): SaveShown {
  if (input.isClosed) return closed();
  if (!input.isSynced) {
    const shown = waiting(input, input.askingFor, t("The text is not here yet."));
    return shown ?? opening();
  }
  if (input.saveState === "refused" && !isOnlyUnmerged(input)) return fromModel(input);
  if (input.isLowered) return lowered(input);
  if (input.pending > 0 && input.hasLane) return waitingForHub(input.pending, input.pendingFor);
  if (input.pending > 0) {
    if (isWaitingForHub(input)) return withWhatIsHere(fromModel(input), input.pending);
    return waiting(input, input.pendingFor, onlyHere(input.pending)) ?? saving();
  }
  return describeQuiet(input);
}

/** Nothing of this page is under way. */
function describeQuiet(input: SaveInput): SaveShown {
  const isDeaf = input.isOffline && input.isLaneOffered && !input.hasLane;
  if (isDeaf && input.saveState === "saved") return offline(deaf());
  if (input.isTakenBack && input.saveState === "saved") return takenBack();
  const isKernelAlone = input.saveState === "offline" && !input.hasUnsaved;
  if (isOnlyUnmerged(input) || (input.hasLane && isKernelAlone && input.isUnmerged)) return notMerged();
  if (input.hasLane && isKernelAlone) return { ...saved(), detail: kernelAlone() };
  return fromModel(input);
}

const notSaved = () => t("Your last changes were not saved; they are in the text below.");

/** What is not saved and will not be by waiting; null when there is nothing, or it is on its way. */
export function describeUnsent(input: SaveInput): Unsent | null {
  if (input.isClosed) return describeLeft(input.left ?? "");
  if (!input.isSynced || !(input.hasUnsaved || input.pending > 0)) return null;
  if (input.saveState === "read-only" || input.isLowered) {
    return { words: `${notSaved()} ${t("If you are allowed to write again, they are saved then.")}` };
  }
  return input.saveState === "refused" && !isOnlyUnmerged(input) ? { words: notSaved() } : null;
}

function describeLeft(left: "" | "kept" | "shown"): Unsent | null {
  if (!left) return null;
  if (left === "kept")
    return { words: `${notSaved()} ${t("Run the notebook cell again on this page to save them.")}` };
  return { words: `${notSaved()} ${t("Copy your text before you run the notebook cell again.")}` };
}

const unmerged = () =>
  t(
    "The same lines were changed elsewhere meanwhile. Your version is not in the shared text, and nobody else sees it.",
  );

/** What is said of a version that could not be merged with the shared text. */
export function describeUnmerged({ isClosed, saveState }: SaveInput): string {
  if (isClosed) return `${unmerged()} ${t("Run the notebook cell again on this page to decide about it.")}`;
  if (saveState === "read-only") return `${unmerged()} ${t("You may not change the shared text.")}`;
  return unmerged();
}
