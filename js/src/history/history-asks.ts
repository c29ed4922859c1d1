// Questions about the history, to the kernel over the comm: each carries a number, and its answer does too.
import type { Channel, Incoming } from "../jupyter/channel";
import { kernelStatus } from "../jupyter/manager";
import type { Model } from "../jupyter/widget";

/** So long the kernel may keep silent; one that runs a cell may take longer. */
const PATIENCE = 20_000;

export interface VersionEntry {
  number: number;
  kind: "start" | "edit" | "restore";
  /** When it was edited last, as ISO 8601. */
  at: string;
  authors: string[];
}

/** What the user reads instead of an answer. */
export class Refused extends Error {}

interface Waiting {
  take: (value: Record<string, unknown>) => void;
  refuse: (refusal: Refused) => void;
}

const NO_ANSWER = "the kernel does not answer";
const ENDED = "the kernel has ended: run the cell again";

export class HistoryAsks {
  private ask = 0;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly channel: Channel,
    private readonly model: Model,
    private readonly signal: AbortSignal,
  ) {
    channel.receive((message) => this.receive(message));
    signal.addEventListener("abort", () => {
      for (const waiting of this.waiting.values()) waiting.refuse(new Refused(ENDED));
    });
  }

  /** Who edited when, oldest first. */
  async versions(): Promise<VersionEntry[]> {
    const { versions } = await this.send("history");
    return [...(versions as VersionEntry[])].reverse();
  }

  async text(number: number): Promise<string> {
    return String((await this.send("version", { number })).text);
  }

  async restore(number: number): Promise<void> {
    await this.send("restore", { number });
  }

  private send(kind: string, content: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    if (this.signal.aborted) return Promise.reject(new Refused(ENDED));
    this.ask += 1;
    const ask = this.ask;
    return new Promise<Record<string, unknown>>((take, refuse) => {
      const timer = setInterval(() => {
        if (kernelStatus(this.model) !== "busy") this.end(ask)?.refuse(new Refused(NO_ANSWER));
      }, PATIENCE);
      const end = () => clearInterval(timer);
      this.waiting.set(ask, {
        take: (value) => {
          end();
          take(value);
        },
        refuse: (refusal) => {
          end();
          refuse(refusal);
        },
      });
      this.channel.send(kind, { ...content, peer: this.channel.peer, ask });
    });
  }

  private receive(message: Incoming): void {
    if (message.kind !== "answer") return;
    const waiting = this.end(Number(message.ask));
    if (message.refusal) waiting?.refuse(new Refused(String(message.refusal)));
    else waiting?.take(message.value as Record<string, unknown>);
  }

  private end(ask: number): Waiting | undefined {
    const waiting = this.waiting.get(ask);
    this.waiting.delete(ask);
    return waiting;
  }
}
