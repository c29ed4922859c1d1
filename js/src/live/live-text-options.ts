// What a live text needs to know of its page and its kernel.
import type { Channel } from "../jupyter/channel";
import type { HubLine } from "./hub-line";
import type { LaneFacts } from "./lane-state";

/** What the kernel's traits say about the direct lane. */
export type KernelFacts = Pick<LaneFacts, "offer" | "saveState" | "hasUnsaved" | "isUnmerged">;

export interface LiveTextOptions {
  channel: Channel;
  key: string;
  signal: AbortSignal;
  me: () => { id?: string; name?: string };
  now?: () => number;
  /** Without a line the comm is the only road. */
  line?: HubLine | null;
  kernel?: () => KernelFacts;
}
