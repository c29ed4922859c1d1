// A document that is plain data, as this page knows it: what the kernel says, and over it what the user has just
// assigned. All views of a widget share it.

import { Channel, Refused } from "../jupyter/channel";
import { offerText } from "../jupyter/offered-text";
import { followTraits, type Model } from "../jupyter/widget";
import { Listeners } from "../live/listeners";
import type { SaveInput } from "../status/save-state";
import { savedAt, withPending } from "../status/saved-model";
import { t } from "../text/words";

/** A value that the kernel has not confirmed, and since when. */
interface Assigned {
  value: unknown;
  since: number;
}

export class DocumentSession<Data extends object> {
  readonly channel: Channel;
  /** Why the last assignment was not taken; empty when it was. */
  refusal = "";
  private readonly assigned = new Map<string, Assigned>();
  private readonly listeners = new Listeners();

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
    private readonly defaults: Data,
  ) {
    this.channel = new Channel(model, signal);
    offerText(model, signal);
    followTraits(model, ["data"], signal, () => this.listeners.tell());
  }

  /** The document's data, with what the user has assigned. */
  get data(): Data {
    const stored = (this.model.get("data") ?? {}) as Partial<Data>;
    const assigned = [...this.assigned].map(([key, { value }]) => [key, value]);
    return { ...this.defaults, ...stored, ...(Object.fromEntries(assigned) as Partial<Data>) };
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /**
   * Set one key: shown at once, and taken back with a sentence when the kernel refuses it. `base` is what the user has
   * changed, of a text that others write as well.
   */
  async assign(key: string, value: unknown, base?: string): Promise<void> {
    const assigned: Assigned = { value, since: Date.now() };
    this.assigned.set(key, assigned);
    this.refusal = "";
    this.listeners.tell();
    try {
      await this.channel.ask("assign", { key, value, base });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (this.assigned.get(key) === assigned)
        this.refusal = t("Your change was not taken: {why}.", { why: error.message });
    }
    // A later one waits for an answer of its own.
    if (this.assigned.get(key) === assigned) this.assigned.delete(key);
    this.listeners.tell();
  }

  get saving(): SaveInput {
    const since = [...this.assigned.values()].map((assigned) => assigned.since);
    const saved = savedAt(this.model, this.signal);
    const nothing = { pending: 0, pendingFor: 0, isSynced: true, askingFor: 0, hasLane: false };
    return withPending({ ...saved, ...nothing, isTakenBack: this.refusal !== "" }, since);
  }
}
