// What the documents of this page hold, in words, for whoever saves the notebook: JupyterLab's extension is another
// bundle than the widgets, and finds them here by the id of their widget.
import { type Model, textOf } from "./widget";

type Text = () => string | null;

const KEY = Symbol.for("teaching_nb kept documents 1");

/** Widget → what its document holds now; null where that is no part of the notebook's file. */
export function keptDocuments(): Map<string, Text> {
  const page = globalThis as { [KEY]?: Map<string, Text> };
  page[KEY] ??= new Map();
  return page[KEY];
}

/** Offer what the trait `snapshot` says, after `refresh`; when the kernel ends, what it has said last. */
export function offerText(model: Model, signal: AbortSignal, refresh: () => void = () => {}): void {
  const id = textOf(model, "own_id");
  const text = () => {
    const kept = model.get("snapshot");
    return typeof kept === "string" ? kept : null;
  };
  keptDocuments().set(id, () => {
    refresh();
    return text();
  });
  signal.addEventListener("abort", () => {
    const last = text();
    keptDocuments().set(id, () => last);
  });
}
