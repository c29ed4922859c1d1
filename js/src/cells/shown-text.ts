// What is said of a live text in a notebook, whether a cell or something else shows it.
import type { HubText } from "../live/hub-text";
import type { NotTaken } from "./cell-bridge";
import type { Mark } from "./mark";
import type { Opened, User } from "./open-document";
import type { AsideText } from "./reconcile";

/** How it stands with a text that is not connected to its document. */
export type Phase = "opening" | "unreachable" | "awaited" | "refused" | "open";

export interface ShownText {
  readonly mark: Mark;
  readonly phase: Phase;
  /** What the hub said last, where it did not open the document. */
  readonly words: string;
  /** What can be done about that; empty where nothing is known, or nothing has to be done. */
  readonly advice?: string;
  readonly live: HubText | null;
  readonly me: User | null;
  readonly opened: Opened | null;
  readonly isLive: boolean;
  readonly isWritable: boolean;
  /** What is typed is kept in this browser until the hub has stored it. */
  readonly isKeeping: boolean;
  /** Why the last edit was not taken, or not as it was typed. */
  readonly notTaken: NotTaken | "";
  /** Names of others who have changed the text since the user ran it last. */
  readonly changedBy: ReadonlySet<string>;
  /** Teachers get to know how the user's runs of it end. */
  readonly sharesRuns: boolean;
  /** A version of the user's that could not be merged. */
  readonly aside: AsideText | null;
  /** Make the user's own text the shared one. */
  useMine(): void;
  keepTheirs(): void;
  onChange(listener: () => void, signal: AbortSignal): void;
}
