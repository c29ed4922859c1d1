// A Markdown cell that is drawn has no editor, and so no line that says how it stands: its cell says it in a word.

import type { NotebookPanel } from "@jupyterlab/notebook";
import { describeCell, stateOf } from "../cells/cell-state";
import css from "../cells/cells.css";
import type { LiveCell } from "../cells/live-cell";
import { Timer } from "../live/timer";
import { notMerged } from "../status/save-state";
import { t } from "../text/words";
import { addStyle } from "../ui/styles";
import type { LiveNotebook } from "./live-notebook";
import type { SharedCell } from "./shared-cell";

/** Changes come with every key. */
const SOON = 100;

export class RenderedSigns {
  private readonly drawing = new Timer(() => this.draw());

  constructor(private readonly notebooks: Map<NotebookPanel, LiveNotebook>) {}

  /** Something about live cells may have changed. */
  changed(): void {
    if (!this.drawing.isWaiting) this.drawing.start(SOON);
  }

  private draw(): void {
    for (const [panel, notebook] of this.notebooks)
      for (const { model, node } of panel.content.widgets) {
        if (model.type !== "markdown") continue;
        const live = notebook.liveCell(model.sharedModel as unknown as SharedCell);
        const why = notebook.marks.wrongMarks.of(model.sharedModel as unknown as SharedCell);
        if (live || why) addStyle(node, "cells", css);
        sign(node, live, why);
      }
  }
}

/** The style sheet shows it while the cell is drawn. */
function sign({ dataset }: HTMLElement, live: LiveCell | null, why: string): void {
  if (!live) {
    if (why) dataset.tnbLive = `✗ ${t("Not live: {reason}.", { reason: why })}`;
    else delete dataset.tnbLive;
    return;
  }
  const { symbol, words, tone } = live.aside ? notMerged() : describeCell(stateOf(live));
  const { document } = live.mark;
  dataset.tnbLive = `${symbol} ${tone === "good" ? document : `${document}: ${words}`}`;
}
