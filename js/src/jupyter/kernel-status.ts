// What the front end knows of the kernel. JupyterLab's widget manager has a `kernel`; others may not.
import type { Model } from "./widget";

export type KernelStatus = "idle" | "busy" | "dead" | "disconnected" | "unknown";

const ENDED = ["dead", "terminating", "restarting", "autorestarting"];

interface KernelLike {
  status?: unknown;
  connectionStatus?: unknown;
  interrupt?: () => Promise<void>;
}

function kernelOf(model: Model): KernelLike | null {
  const manager = model.widget_manager as { kernel?: KernelLike | null } | undefined;
  return manager?.kernel ?? null;
}

export function kernelStatus(model: Model): KernelStatus {
  const kernel = kernelOf(model);
  if (!kernel) return "unknown";
  if (kernel.connectionStatus !== undefined && kernel.connectionStatus !== "connected") return "disconnected";
  if (ENDED.includes(String(kernel.status))) return "dead";
  return kernel.status === "idle" || kernel.status === "busy" ? kernel.status : "unknown";
}

/** Interrupt whatever the kernel runs; false where the front end cannot. */
export function interruptKernel(model: Model): boolean {
  const kernel = kernelOf(model);
  if (typeof kernel?.interrupt !== "function") return false;
  kernel.interrupt().catch((error: unknown) => console.warn("teaching_nb: interrupt failed", error));
  return true;
}
