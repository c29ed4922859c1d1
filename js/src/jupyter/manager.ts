// What we know of JupyterLab's widget manager and its kernel, which are no public interface: nothing else reaches into
// them. Another front end may have no such thing, and then less is known. One that has it, and not as we know it, is
// complained of in a sentence, once for each part: after an upgrade that names what has moved.
import { t } from "../text/words";
import type { Model } from "./widget";

export type KernelStatus = "idle" | "busy" | "dead" | "disconnected" | "unknown";

interface Signal<Told> {
  connect(listener: (kernel: unknown, told: Told) => void): void;
  disconnect(listener: (kernel: unknown, told: Told) => void): void;
}

interface Message {
  header?: { msg_type?: unknown };
  parent_header?: { msg_type?: unknown; date?: unknown };
  content?: { execution_state?: unknown };
}

/** The part of `Kernel.IKernelConnection` that is used. */
interface Kernel {
  status: unknown;
  connectionStatus: unknown;
  interrupt(): Promise<void>;
  statusChanged: Signal<unknown>;
  iopubMessage: Signal<Message>;
}

const ENDED = ["dead", "terminating", "restarting", "autorestarting"];

/** Output is counted over seconds; what is shorter is never dropped. */
const LONG = 1_000;

const IS_AS_KNOWN: { [Part in keyof Kernel]: (part: unknown) => boolean } = {
  status: (part) => typeof part === "string",
  connectionStatus: (part) => typeof part === "string",
  interrupt: (part) => typeof part === "function",
  statusChanged: isSignal,
  iopubMessage: isSignal,
};

const complained = new Set<string>();

function isSignal(part: unknown): boolean {
  const { connect, disconnect } = (part ?? {}) as Partial<Record<string, unknown>>;
  return typeof connect === "function" && typeof disconnect === "function";
}

/** A part of the widget's kernel, undefined where there is none, or none as we know it. */
function partOf<Part extends keyof Kernel>(model: Model, part: Part): Kernel[Part] | undefined {
  const { kernel } = (model.widget_manager ?? {}) as { kernel?: Kernel | null };
  if (!kernel) return undefined;
  if (IS_AS_KNOWN[part](kernel[part])) return kernel[part];
  if (!complained.has(part))
    console.warn(
      `teaching_nb: the kernel of JupyterLab's widget manager has no “${part}” as it used to have`,
    );
  complained.add(part);
  return undefined;
}

export function kernelStatus(model: Model): KernelStatus {
  const status = partOf(model, "status");
  if (status === undefined) return "unknown";
  if ((partOf(model, "connectionStatus") ?? "connected") !== "connected") return "disconnected";
  if (ENDED.includes(String(status))) return "dead";
  return status === "idle" || status === "busy" ? status : "unknown";
}

/** Interrupt whatever the kernel runs; false where the front end cannot. */
export function interruptKernel(model: Model): boolean {
  if (!partOf(model, "interrupt")) return false;
  const { kernel } = model.widget_manager as { kernel: Kernel };
  kernel.interrupt().catch((error: unknown) => console.warn("teaching_nb: interrupt failed", error));
  return true;
}

/**
 * A signal that aborts with `signal`, or as soon as the kernel of the widget is restarted or dies: that ends every comm
 * without a word, while the widget stays on the page.
 */
export function lifeOf(model: Model, signal: AbortSignal): AbortSignal {
  const life = new AbortController();
  const statusChanged = partOf(model, "statusChanged");
  const follow = (_kernel: unknown, status: unknown) => {
    if (ENDED.includes(String(status))) life.abort();
  };
  statusChanged?.connect(follow);
  life.signal.addEventListener("abort", () => statusChanged?.disconnect(follow));
  if (signal.aborted) life.abort();
  else signal.addEventListener("abort", () => life.abort());
  return life.signal;
}

/** The kernel's status says the same, but also of every message of a widget that it takes meanwhile. */
function isOfCell({ header, parent_header }: Message): boolean {
  return header?.msg_type === "status" && parent_header?.msg_type === "execute_request";
}

/** Returns what tells whether the kernel runs a cell now, as far as the widget has seen it begin. */
export function watchCells(model: Model, signal: AbortSignal): () => boolean {
  let isRunning = false;
  const follow = (_kernel: unknown, message: Message) => {
    if (isOfCell(message)) isRunning = message.content?.execution_state === "busy";
  };
  const messages = signal.aborted ? undefined : partOf(model, "iopubMessage");
  messages?.connect(follow);
  signal.addEventListener("abort", () => messages?.disconnect(follow));
  return () => isRunning;
}

/**
 * Call `recheck` whenever a cell has ended that took long: the Jupyter server limits what a cell puts out, and may have
 * dropped what widgets were told meanwhile.
 */
export function afterLongWork(model: Model, signal: AbortSignal, recheck: () => void, now = Date.now): void {
  // What a widget is made of may have come too late for it.
  if (signal.aborted) return;
  const messages = partOf(model, "iopubMessage");
  let since: number | null = null;
  const follow = (_kernel: unknown, message: Message) => {
    if (!isOfCell(message)) return;
    const { parent_header, content } = message;
    if (content?.execution_state === "busy") since = now();
    if (content?.execution_state !== "idle") return;
    // A widget that was made by the cell has not seen it begin.
    const elapsed = now() - (since ?? Date.parse(String(parent_header?.date)));
    if (!(elapsed >= 0 && elapsed < LONG)) recheck();
    since = null;
  };
  messages?.connect(follow);
  signal.addEventListener("abort", () => messages?.disconnect(follow));
}

/** What Lumino widgets of JupyterLab are used for. */
interface Lumino {
  node: HTMLElement;
  processMessage(message: LuminoMessage): void;
  dispose(): void;
}

interface LuminoMessage {
  type: string;
  isConflatable: boolean;
  conflate(): boolean;
}

interface Renderer extends Lumino {
  renderModel(model: unknown): Promise<void>;
}

/** The part of `IRenderMimeRegistry` that is used. */
interface RenderMime {
  preferredMimeType(bundle: Record<string, unknown>, safe: "ensure"): string | undefined;
  createRenderer(mime: string): Renderer;
  createModel(options: { data: unknown; metadata: unknown; trusted: boolean }): unknown;
}

interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<{ luminoWidget?: Lumino; pWidget?: Lumino }>;
}

function has<Wanted>(thing: unknown, ...methods: (keyof Wanted & string)[]): thing is Wanted {
  const known = (thing ?? {}) as Record<string, unknown>;
  return methods.every((name) => typeof known[name] === "function");
}

/** One kind of an output as the front end draws it, undefined where it does not; nobody vouches for what is in it. */
export function drawnByFrontEnd(
  model: Model,
  mime: string,
  { data, metadata }: { data: Record<string, unknown>; metadata: Record<string, unknown> },
  signal: AbortSignal,
): HTMLElement | undefined {
  const { rendermime } = (model.widget_manager ?? {}) as { rendermime?: unknown };
  if (!has<RenderMime>(rendermime, "preferredMimeType", "createRenderer", "createModel")) return undefined;
  if (rendermime.preferredMimeType({ [mime]: data[mime] }, "ensure") !== mime) return undefined;
  return attached(signal, t("This output could not be drawn."), async () => {
    const renderer = rendermime.createRenderer(mime);
    await renderer.renderModel(rendermime.createModel({ data, metadata, trusted: false }));
    return renderer;
  });
}

/** A widget of the kernel, undefined where the front end has no manager that makes views. */
export function widgetView(model: Model, value: unknown, signal: AbortSignal): HTMLElement | undefined {
  const manager = model.widget_manager;
  const { model_id: id } = (value ?? {}) as { model_id?: unknown };
  if (!has<WidgetManager>(manager, "get_model", "create_view") || typeof id !== "string") return undefined;
  return attached(signal, t("This widget is not there any more."), async () => {
    const view = await manager.create_view(await manager.get_model(id));
    return view.luminoWidget ?? view.pWidget;
  });
}

/** Where a Lumino widget comes to stand; it is told so as Lumino does: many draw only then. */
function attached(
  signal: AbortSignal,
  otherwise: string,
  draw: () => Promise<Lumino | undefined>,
): HTMLElement {
  const holder = document.createElement("div");
  holder.className = "tnb-drawn";
  const attach = (widget: Lumino | undefined) => {
    if (!widget) throw new Error("there is no Lumino widget");
    tell(widget, "before-attach");
    holder.append(widget.node);
    tell(widget, "after-attach");
    signal.addEventListener("abort", () => {
      tell(widget, "before-detach");
      widget.node.remove();
      tell(widget, "after-detach");
      widget.dispose();
    });
  };
  const say = (error: unknown) => {
    console.info("teaching_nb:", otherwise, error);
    holder.className = "tnb-notice";
    holder.textContent = otherwise;
  };
  draw()
    .then((widget) => (signal.aborted ? widget?.dispose() : attach(widget)))
    .catch(say);
  return holder;
}

function tell(widget: Lumino, type: string): void {
  widget.processMessage({ type, isConflatable: false, conflate: () => false });
}
