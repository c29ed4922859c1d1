// The user's versions that could not be merged with the shared text. The kernel has them; when it goes away they are
// kept for the next widget of the same document and person on this page.
import type { Channel } from "../jupyter/channel";
import { followTraits, type Model } from "../jupyter/widget";
import { keptVersions } from "./kept-edits";
import { offerIn } from "./lane-state";

export class Unmerged {
  /** Names a document and a person; empty until the kernel has named them. */
  private key = "";

  constructor(
    private readonly model: Model,
    private readonly channel: Channel,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => keptVersions.keep(this.key, this.inKernel));
    followTraits(model, ["lane"], signal, () => this.handOver());
  }

  /** The oldest one, which is the one to decide about; null when there is none, or another widget has it by now. */
  get first(): string | null {
    return this.all[0] ?? null;
  }

  /** The kernel has gone, and only this page has them. */
  get isLeft(): boolean {
    return this.signal.aborted && this.all.length > 0;
  }

  useMine(): void {
    this.channel.send("use_mine");
  }

  keepTheirs(): void {
    if (this.signal.aborted) keptVersions.forget(this.key, this.first ?? "");
    else this.channel.send("keep_theirs");
  }

  private get inKernel(): string[] {
    return versionsIn(this.model);
  }

  private get all(): string[] {
    if (!this.signal.aborted) return this.inKernel;
    const kept = keptVersions.of(this.key);
    return this.inKernel.filter((text) => kept.includes(text));
  }

  /** Give the kernel what an earlier one of the same document and person has left. */
  private handOver(): void {
    const { document, user } = offerIn(this.model.get("lane"));
    if (!document || !user || this.signal.aborted) return;
    this.key = `${document} ${user}`;
    for (const text of keptVersions.take(this.key)) this.channel.send("set_aside", { text });
  }
}

export function versionsIn(model: Model): string[] {
  const texts = model.get("unmerged");
  return Array.isArray(texts) ? texts.filter((text) => typeof text === "string") : [];
}
