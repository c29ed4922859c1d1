// What the views of one widget on this page share: the live text, and what can be undone in it.
import * as Y from "yjs";
import { Channel } from "../jupyter/channel";
import { afterLongWork } from "../jupyter/manager";
import { followTraits, type Model, textOf } from "../jupyter/widget";
import { hubLine } from "./hub-line";
import { keepText } from "./kept-text";
import { offerIn } from "./lane-state";
import { LiveText } from "./live-text";
import { followPage } from "./page-life";
import { Unmerged, versionsIn } from "./unmerged";

/** What the views of one widget on this page share. */
export class LiveSession {
  readonly channel: Channel;
  readonly live: LiveText;
  readonly unmerged: Unmerged;
  undo: Y.UndoManager | null = null;
  private views = 0;

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
  ) {
    this.channel = new Channel(model, signal);
    // Before the live text: when the kernel goes, its last word makes the views ask what is left.
    this.unmerged = new Unmerged(model, this.channel, signal);
    const me = () => (model.get("me") ?? {}) as { id?: string; name?: string };
    const kernel = () => ({
      offer: offerIn(model.get("lane")),
      saveState: textOf(model, "save_state"),
      hasUnsaved: model.get("has_unsaved") === true,
      isUnmerged: versionsIn(model).length > 0,
    });
    const key = textOf(model, "text_key");
    this.live = new LiveText({ channel: this.channel, key, signal, me, kernel, line: hubLine() });
    this.live.onReset(() => this.startUndo(), signal);
    followTraits(model, ["lane", "save_state", "has_unsaved"], signal, () => this.live.considerLane());
    keepText(this.live, model, signal);
    followPage(this.live, () => this.views > 0, signal);
    afterLongWork(model, signal, () => this.live.recheck());
  }

  /** Count a view in until it is gone; the last one out tells the kernel, unless the cell was only moved. */
  enter(signal: AbortSignal): void {
    this.views += 1;
    if (this.views === 1) this.live.open();
    signal.addEventListener("abort", () => {
      this.views -= 1;
      setTimeout(() => {
        if (this.views === 0 && !this.signal.aborted) this.live.close();
      }, 1000);
    });
  }

  private startUndo(): void {
    this.undo?.destroy();
    const text = this.live.text;
    // Only what was typed on this page can be undone here; editors add themselves as tracked origins.
    this.undo = text && new Y.UndoManager(text, { trackedOrigins: new Set() });
  }
}
