// What a widget's traits say about saving.
import { kernelStatus } from "../jupyter/manager";
import { type Model, textOf } from "../jupyter/widget";
import type { SaveInput } from "./save-state";

export const SAVE_TRAITS = ["save_state", "save_detail", "has_unsaved", "access"];

/** Until the hub has said what the user may do, typing is kept in the kernel. */
export function mayWrite(model: Model): boolean {
  const access = textOf(model, "access");
  return access === "" || access.startsWith("RW");
}

/** The part of the save state that does not depend on what this page has sent. */
export function savedAt(
  model: Model,
  signal: AbortSignal,
): Omit<SaveInput, "pending" | "pendingFor" | "isSynced" | "askingFor" | "hasLane"> {
  return {
    saveState: textOf(model, "save_state"),
    saveDetail: textOf(model, "save_detail"),
    hasUnsaved: model.get("has_unsaved") === true,
    kernel: kernelStatus(model),
    isOffline: !navigator.onLine,
    isClosed: signal.aborted,
  };
}

/** With what was asked of the kernel at these times and is not answered yet. */
export function withPending(saving: SaveInput, since: number[]): SaveInput {
  const pendingFor = since.length ? Date.now() - Math.min(...since) : saving.pendingFor;
  return { ...saving, pending: saving.pending + since.length, pendingFor };
}
