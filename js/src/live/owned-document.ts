// Whose document the present Y.Doc is. What of it nobody has saved when the kernel goes away is kept for the next
// widget of the same document and person on this page.
import * as Y from "yjs";
import { keptEdits } from "./kept-edits";
import type { LaneOffer } from "./lane-state";

export class OwnedDocument {
  /** Names a document and a person; empty while the text is a draft of the kernel's. */
  private key = "";
  private epoch = -1;
  private isLeft = false;

  /** What became of edits that were not saved: kept for the next widget, or just shown on this page. */
  left(epoch: number): "" | "kept" | "shown" {
    if (!this.isLeft) return "";
    if (epoch !== this.epoch) return "shown";
    return keptEdits.has(this.key) ? "kept" : "";
  }

  /** It is the one that the kernel offers. */
  become({ document, user, epoch }: LaneOffer): void {
    this.key = `${document} ${user}`;
    this.epoch = epoch;
    this.isLeft = false;
  }

  /** What an earlier widget of it could not save; given out once. */
  takeKept(): Uint8Array | undefined {
    return keptEdits.take(this.key);
  }

  /** The kernel goes away and leaves something unsaved. */
  leave(doc: Y.Doc, epoch: number): void {
    this.isLeft = true;
    if (epoch === this.epoch) keptEdits.keep(this.key, Y.encodeStateAsUpdate(doc));
  }

  /** What was left is given up. */
  discard(): void {
    keptEdits.take(this.key);
    this.isLeft = false;
  }
}
