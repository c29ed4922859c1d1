// Which road a document's edits take: the direct lane to the hub, or the comm to the kernel. Pure.

/** What the kernel says about the document; `document` is empty while pages have to ask the kernel. */
export interface LaneOffer {
  document: string;
  /** The kernel's epoch that the document at the hub belongs to. */
  epoch: number;
  /** Who the kernel is at the hub. */
  user: string;
}

export interface LaneFacts {
  offer: LaneOffer;
  /** What the model in the kernel says about saving. */
  saveState: string;
  hasUnsaved: boolean;
  /** A version of the user's waits in the kernel that could not be merged; it is no part of the document. */
  isUnmerged?: boolean;
  /** Somebody on this page looks, the page has the text, and of which epoch. */
  isOpen: boolean;
  isSynced: boolean;
  epoch: number;
  /** The kernel has said that the document was replaced, and the new one is not here yet. */
  isResetting: boolean;
  /** The widget's comm is gone. */
  isClosed: boolean;
  /** Who this page is at the hub; empty while it is not connected. */
  lineUser: string;
  /** An attempt failed a moment ago. */
  isResting: boolean;
}

/** `off`: needs no connection; `wait`: keeps the connection, edits take the comm; `run`: edits take the lane. */
export type LaneGoal = "off" | "wait" | "run";

export const NO_OFFER: LaneOffer = { document: "", epoch: -1, user: "" };

export function offerIn(value: unknown): LaneOffer {
  const { document, epoch, user } = (value ?? {}) as Partial<Record<keyof LaneOffer, unknown>>;
  if (typeof document !== "string" || typeof epoch !== "number" || typeof user !== "string") return NO_OFFER;
  return { document, epoch, user };
}

function isOffered({ offer, isOpen, isClosed }: LaneFacts): boolean {
  return isOpen && !isClosed && offer.document !== "" && offer.user !== "";
}

/** The page has the very document that is offered. */
function isHere({ offer, isSynced, isResetting, epoch }: LaneFacts): boolean {
  return isSynced && !isResetting && offer.epoch === epoch;
}

/** The kernel holds edits that the hub has not got, or was refused: only it can say what becomes of them. */
function isKernelBehind({ saveState, hasUnsaved, isUnmerged }: LaneFacts): boolean {
  return hasUnsaved || (saveState === "refused" && !isUnmerged);
}

/** Edits stay in the kernel for good, and the page shows them: nothing but the comm brings them here. */
function isKernelAlone({ saveState, hasUnsaved }: LaneFacts): boolean {
  return hasUnsaved && (saveState === "read-only" || saveState === "refused");
}

export function laneGoal(facts: LaneFacts, isRunning: boolean): LaneGoal {
  if (!isOffered(facts)) return "off";
  // The connection is made while the kernel is asked for the text.
  if (!isHere(facts)) return "wait";
  // Somebody else than the kernel's user would be another author, with other rights than the widget tells.
  if (facts.lineUser !== facts.offer.user) return "wait";
  if (isRunning) return isKernelAlone(facts) ? "wait" : "run";
  return facts.isResting || isKernelBehind(facts) ? "wait" : "run";
}
