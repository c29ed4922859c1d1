// How long a widget can talk to its kernel. Restarting a kernel ends every comm without a word, while the
// widget stays on the page: it has to notice by itself.
import type { Model } from "./widget";

const ENDINGS = ["restarting", "autorestarting", "terminating", "dead"];

type OnStatus = (kernel: unknown, status: unknown) => void;

interface KernelSignals {
  statusChanged?: { connect(listener: OnStatus): void; disconnect(listener: OnStatus): void };
}

/** A signal that aborts with `signal`, or as soon as the kernel of the widget is restarted or dies. */
export function lifeOf(model: Model, signal: AbortSignal): AbortSignal {
  const life = new AbortController();
  const manager = model.widget_manager as { kernel?: KernelSignals | null } | undefined;
  const statusChanged = manager?.kernel?.statusChanged;
  const follow: OnStatus = (_kernel, status) => {
    if (typeof status === "string" && ENDINGS.includes(status)) life.abort();
  };
  statusChanged?.connect(follow);
  life.signal.addEventListener("abort", () => statusChanged?.disconnect(follow));
  if (signal.aborted) life.abort();
  else signal.addEventListener("abort", () => life.abort());
  return life.signal;
}
