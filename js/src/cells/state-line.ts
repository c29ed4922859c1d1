// The line under the text of a live cell: who is here, and how it stands with saving; below it, when there is one, the
// version of the user's that could not be merged.

import { html, render } from "lit-html";
import type { Following } from "../editor/following";
import type { Past } from "../history/history-asks";
import { HistoryButton } from "../history/history-button";
import { PeopleBar } from "../status/people-bar";
import { StatusLine } from "../status/status-line";
import { t } from "../text/words";
import { keepKeys } from "../ui/keys";
import { addStyle } from "../ui/styles";
import {
  describeAside,
  describeCell,
  describeChanges,
  describeNotTaken,
  describeRefused,
  stateOf,
} from "./cell-state";
import css from "./cells.css";
import { sharesRuns } from "./notices";
import { sharingNotice } from "./sharing";
import type { ShownText } from "./shown-text";
import type { TroubleBoxes } from "./trouble-boxes";

/** Waiting grows without anything happening. */
const TICK = 500;

export interface StateLineOptions {
  following: Following;
  past: Past;
}

export class StateLine {
  readonly el = document.createElement("div");
  private readonly status: StatusLine;
  private readonly people: PeopleBar;
  private readonly history: HistoryButton;
  private boxes: TroubleBoxes | null = null;
  private isLoading = false;

  constructor(
    private readonly cell: ShownText,
    private readonly options: StateLineOptions,
    private readonly signal: AbortSignal,
  ) {
    const draw = () => this.draw();
    this.el.className = "tnb-widget tnb-cell-line";
    this.status = new StatusLine(draw, signal);
    this.people = new PeopleBar((person) => options.following.toggle(person), draw);
    const hasLineNumbers = cell.mark.type === "code";
    this.history = new HistoryButton({ past: options.past, home: this.el, signal, hasLineNumbers, draw });
    keepKeys(this.el, signal);
    // The notebook would take the focus away from what is pressed, to the text above it.
    this.el.addEventListener("mousedown", (event) => event.stopPropagation(), { signal });
    this.el.addEventListener("focusin", (event) => event.stopPropagation(), { signal });
    cell.onChange(draw, signal);
    const tick = setInterval(draw, TICK);
    signal.addEventListener("abort", () => clearInterval(tick));
  }

  /** Called when the element stands in the page. */
  mount(): void {
    addStyle(this.el, "cells", css);
    this.draw();
  }

  draw(): void {
    const { cell } = this;
    const { following } = this.options;
    const people = cell.isLive ? (cell.live?.people ?? []) : [];
    following.here(people);
    const { mark } = cell;
    this.history.consider();
    const state = stateOf(cell);
    this.status.update(describeCell(state));
    const notice =
      describeNotTaken(cell.notTaken) ||
      describeChanges([...cell.changedBy]) ||
      sharingNotice(mark.shared, cell.opened?.sharing) ||
      (cell.sharesRuns ? sharesRuns() : "");
    const aside = cell.aside && {
      mine: cell.aside.text,
      words: describeAside(cell.aside.why),
      canUse: cell.isLive && cell.isWritable,
    };
    const refused = describeRefused(state);
    if ((aside || refused) && !this.boxes) void this.loadBoxes();
    const boxes = this.isLoading ? this.boxes?.boxes(null, null) : this.boxes?.boxes(refused, aside);
    render(
      html`<div class="tnb-cell-state" role="group" aria-label=${t("Live cell {name}", { name: mark.document })}
          ><span class="tnb-cell-name" title=${t("Live document “{name}”", { name: mark.document })}>${mark.document}</span
          >${this.status.line}${this.people.list(people, following.id)}<span
            class="tnb-cell-notice" role="status" title=${notice}>${notice}</span>${this.history.button}</div>${following.line}${this.status.detail}${boxes}${this.history.el}`,
      this.el,
    );
  }

  /** They are drawn empty at first, and filled by the next tick. */
  private async loadBoxes(): Promise<void> {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      const { TroubleBoxes } = await import("./trouble-boxes");
      if (this.signal.aborted) return;
      this.boxes = new TroubleBoxes(this.cell, () => this.draw(), this.signal);
      this.draw();
    } catch (error) {
      // The next tick tries again.
      console.info("teaching_nb: a box about a text that is not shared cannot be shown yet", error);
    }
    this.isLoading = false;
  }
}
