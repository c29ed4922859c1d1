// Offers what a document of this page holds to whoever saves the notebook. Not in the extension, which loads no more than
// it needs.
import { rewritten } from "../text/written";
import { keptDocuments } from "./kept-documents";
import { type Model, textOf } from "./widget";

/** Offer what the trait `snapshot` says, after `refresh`; when the kernel ends, what it has said last. */
export function offerText(model: Model, signal: AbortSignal, refresh: () => void = () => {}): void {
  const id = textOf(model, "own_id");
  const text = () => {
    const kept = model.get("snapshot");
    return typeof kept === "string" ? kept : null;
  };
  offer(id, () => {
    refresh();
    return text();
  });
  signal.addEventListener("abort", () => {
    const last = text();
    offer(id, () => last);
  });
}

function offer(id: string, textNow: () => string | null): void {
  keptDocuments().set(id, (written) => {
    const text = textNow();
    return text === null ? null : rewritten(written, text, new Date());
  });
}
