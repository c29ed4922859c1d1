// anywidget's model without a kernel: traits, and both directions of the comm.
import type { Model } from "../src/jupyter/widget";

type Callback = (...args: never[]) => void;

export interface Sent {
  content: { kind: string; [key: string]: unknown };
  buffers: Uint8Array[];
}

export class FakeModel implements Model {
  readonly sent: Sent[] = [];
  onSend: (sent: Sent) => void = () => {};
  widget_manager: unknown = undefined;
  private readonly listeners = new Map<string, Set<Callback>>();

  constructor(private readonly traits: Record<string, unknown> = {}) {}

  get(name: string): unknown {
    return this.traits[name];
  }

  set(name: string, value: unknown): void {
    this.traits[name] = value;
    this.emit(`change:${name}`);
  }

  send(content: unknown, _callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
    const sent = {
      content: content as Sent["content"],
      buffers: buffers.map((buffer) => new Uint8Array(buffer)),
    };
    this.sent.push(sent);
    this.onSend(sent);
  }

  on(event: string, callback: Callback): void {
    const known = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, known.add(callback));
  }

  off(event: string, callback: Callback): void {
    this.listeners.get(event)?.delete(callback);
  }

  /** A message of the kernel; buffers arrive as views, as in JupyterLab. */
  receive(content: Record<string, unknown>, buffers: Uint8Array[] = []): void {
    const views = buffers.map((bytes) => new DataView(bytes.slice().buffer));
    this.emit("msg:custom", content, views);
  }

  sentOf(kind: string): Sent[] {
    return this.sent.filter(({ content }) => content.kind === kind);
  }

  listenerCount(event: string): number {
    return this.listeners.get(event)?.size ?? 0;
  }

  private emit(event: string, ...args: unknown[]): void {
    for (const callback of [...(this.listeners.get(event) ?? [])]) callback(...(args as never[]));
  }
}
