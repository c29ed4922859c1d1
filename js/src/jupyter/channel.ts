// The comm between this page and the widget in the kernel: JSON beside binary buffers.
import { uuidv4 } from "lib0/random";
import { KERNEL_MESSAGE_BYTES } from "../schema/limits";
import { type Buffer, bytesOf, type Model } from "./widget";

export interface Incoming {
  kind: string;
  [key: string]: unknown;
}

export type Receiver = (message: Incoming, buffers: Uint8Array[]) => void;

export class Channel {
  /** Names this page among those that show the widget. `crypto.randomUUID` is missing on pages without https. */
  readonly peer = uuidv4();

  constructor(
    private readonly model: Model,
    private readonly signal: AbortSignal,
  ) {}

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
}

function sizeOf(message: Record<string, unknown>, buffers: Uint8Array[]): number {
  const json = new TextEncoder().encode(JSON.stringify(message)).length;
  return buffers.reduce((size, bytes) => size + bytes.length, json);
}

function tooLarge(kind: string, size: number): string {
  const [bytes, limit] = [size, KERNEL_MESSAGE_BYTES].map((value) => value.toLocaleString("en"));
  const refusal = `the message to the kernel would have ${bytes} bytes, and the limit is ${limit}`;
  console.info(`teaching_nb: “${kind}” was not sent: ${refusal}`);
  return refusal;
}
