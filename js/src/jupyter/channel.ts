// The comm between this page and the widget in the kernel: JSON beside binary buffers, messages and questions.

import { uuidv4 } from "lib0/random";
import { KERNEL_MESSAGE_BYTES } from "../schema/limits";
import type { Question } from "../schema/messages";
import { phrase } from "../text/words";
import { kernelStatus } from "./manager";
import { type Buffer, bytesOf, type Model } from "./widget";

/** So long the kernel may keep silent; one that runs a cell, or cannot be reached, may take longer. */
const PATIENCE = 20_000;

const NO_ANSWER = phrase("the kernel does not answer");
const ENDED = phrase("the kernel has ended: run the cell again");

export interface Incoming {
  kind: string;
  [key: string]: unknown;
}

export type Receiver = (message: Incoming, buffers: Uint8Array[]) => void;

/** What a question of this kind asks with. */
type Content<Kind> = Omit<Extract<Question, { kind: Kind }>, "kind" | "peer" | "ask">;

export interface Answer {
  value: unknown;
  buffers: Uint8Array[];
}

/** What the user reads instead of an answer. */
export class Refused extends Error {}

interface Waiting {
  take: (answer: Answer) => void;
  refuse: (words: string) => void;
}

export class Channel {
  /** Names this page among those that show the widget. `crypto.randomUUID` is missing on pages without https. */
  readonly peer = uuidv4();
  private asked = 0;
  private readonly waiting = new Map<unknown, Waiting>();

  constructor(
    private readonly model: Model,
    private readonly signal: AbortSignal,
  ) {
    this.receive((message, buffers) => this.takeAnswer(message, buffers));
    signal.addEventListener("abort", () => {
      for (const { refuse } of [...this.waiting.values()]) refuse(ENDED);
    });
  }

  get isClosed(): boolean {
    return this.signal.aborted;
  }

  /**
   * Send a message; returns why it was not sent, empty when it was, or when nobody is there any more.
   *
   * The Jupyter server would end the connection to the kernel because of one that is too large, and with it all that
   * is on its way.
   */
  send(kind: string, content: Record<string, unknown> = {}, buffers: Uint8Array[] = []): string {
    if (this.isClosed) return "";
    const message = { ...content, kind };
    const size = sizeOf(message, buffers);
    if (size > KERNEL_MESSAGE_BYTES) return tooLarge(kind, size);
    // A view into a larger buffer would be sent whole.
    const copies = buffers.map((bytes) => new Uint8Array(bytes).buffer);
    try {
      this.model.send(message, undefined, copies);
    } catch (error) {
      // JupyterLab throws when the comm is gone; thrown on, it would break the editor in which somebody types.
      console.info(`teaching_nb: “${kind}” could not be sent`, error);
    }
    return "";
  }

  /** Ask the kernel; rejects with `Refused` when it refuses, keeps silent or ends. */
  ask<Kind extends Question["kind"]>(kind: Kind, content: Content<Kind>): Promise<Answer> {
    if (this.isClosed) return Promise.reject(new Refused(ENDED));
    this.asked += 1;
    const { asked: ask, peer } = this;
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => this.isLate && refuse(NO_ANSWER), PATIENCE);
      const end = () => {
        clearInterval(timer);
        this.waiting.delete(ask);
      };
      const take = (answer: Answer) => {
        end();
        resolve(answer);
      };
      const refuse = (words: string) => {
        end();
        reject(new Refused(words));
      };
      this.waiting.set(ask, { take, refuse });
      const refusal = this.send(kind, { ...content, peer, ask });
      if (refusal) refuse(refusal);
    });
  }

  /** Messages for all pages and for this one; those for other pages are left out. */
  receive(receiver: Receiver): void {
    const listener = (message: Incoming, buffers: Buffer[]) => {
      if (typeof message?.kind !== "string") return;
      if (message.to !== undefined && message.to !== this.peer) return;
      receiver(message, (buffers ?? []).map(bytesOf));
    };
    this.model.on("msg:custom", listener);
    this.signal.addEventListener("abort", () => this.model.off("msg:custom", listener));
  }

  /** An answer that is not there yet does not come any more. */
  private get isLate(): boolean {
    return !["busy", "disconnected"].includes(kernelStatus(this.model));
  }

  private takeAnswer({ kind, to, ask, value, refusal }: Incoming, buffers: Uint8Array[]): void {
    if (kind !== "answer" || to !== this.peer) return;
    const waiting = this.waiting.get(ask);
    if (refusal) waiting?.refuse(String(refusal));
    else waiting?.take({ value, buffers });
  }
}

function sizeOf(message: Record<string, unknown>, buffers: Uint8Array[]): number {
  const json = new TextEncoder().encode(JSON.stringify(message)).length;
  return buffers.reduce((size, bytes) => size + bytes.length, json);
}

function tooLarge(kind: string, size: number): string {
  const [bytes, limit] = [size, KERNEL_MESSAGE_BYTES].map((value) => value.toLocaleString("en"));
  const refusal = phrase("the message to the kernel would have {bytes} bytes, and the limit is {limit}")
    .replace("{bytes}", String(bytes))
    .replace("{limit}", String(limit));
  console.info(`teaching_nb: “${kind}” was not sent: ${refusal}`);
  return refusal;
}
