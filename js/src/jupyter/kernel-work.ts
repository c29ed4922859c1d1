// When the kernel has finished something long: the Jupyter server may have dropped what widgets were told
// meanwhile (it limits what a cell puts out), and nothing tells so.
import type { Model } from "./widget";

/** Output is counted over seconds; what is shorter is never dropped. */
const LONG = 1_000;

interface Message {
  header?: { msg_type?: unknown };
  parent_header?: { msg_type?: unknown };
  content?: { execution_state?: unknown };
}

type OnMessage = (kernel: unknown, message: Message) => void;

interface KernelSignals {
  iopubMessage?: { connect(listener: OnMessage): void; disconnect(listener: OnMessage): void };
}

/** Call `recheck` whenever a cell has ended that took long. */
export function afterLongWork(model: Model, signal: AbortSignal, recheck: () => void, now = Date.now): void {
  const manager = model.widget_manager as { kernel?: KernelSignals | null } | undefined;
  const messages = manager?.kernel?.iopubMessage;
  let since: number | null = null;
  const follow: OnMessage = (_kernel, { header, parent_header, content }) => {
    // The kernel's status says the same, but also of every message of a widget that it takes meanwhile.
    if (header?.msg_type !== "status" || parent_header?.msg_type !== "execute_request") return;
    if (content?.execution_state === "busy") since = now();
    if (content?.execution_state !== "idle") return;
    if (since === null || now() - since >= LONG) recheck();
    since = null;
  };
  messages?.connect(follow);
  signal.addEventListener("abort", () => messages?.disconnect(follow));
}
