// What the loader hands to a widget, and what a widget gives back.

export type Buffer = DataView | Uint8Array | ArrayBuffer;

/** anywidget's model: the synced traits and the comm. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  widget_manager?: unknown;
}

/** Once per widget and page. */
export interface Context {
  model: Model;
  signal: AbortSignal;
}

/** Once per place where the widget is shown. */
export interface View {
  el: HTMLElement;
  signal: AbortSignal;
}

export interface Shown {
  render(view: View): void;
}

/** Call `update` now and whenever one of the traits changes. */
export function followTraits(model: Model, names: string[], signal: AbortSignal, update: () => void): void {
  for (const name of names) model.on(`change:${name}`, update);
  signal.addEventListener("abort", () => {
    for (const name of names) model.off(`change:${name}`, update);
  });
  update();
}

export function textOf(model: Model, name: string): string {
  const value = model.get(name);
  return typeof value === "string" ? value : "";
}

export function bytesOf(buffer: Buffer): Uint8Array {
  if (buffer instanceof Uint8Array) return buffer;
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
