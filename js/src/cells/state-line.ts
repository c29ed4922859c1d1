// The line under the text of a live cell: who is here, and how it stands with saving; below it, when there is one, the
// version of the user's that could not be merged.

import { html, render } from "lit-html";
import type { Following } from "../editor/following";
import { UnmergedBox } from "../editor/unmerged-box";
import type { Past } from "../history/history-asks";
import { HistoryButton } from "../history/history-button";
import { PeopleBar } from "../status/people-bar";
import { StatusLine } from "../status/status-line";
import { UnsentBox } from "../status/unsent-box";
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
  private readonly box: UnmergedBox;
  private readonly unsent: UnsentBox;
  private readonly history: HistoryButton;

  constructor(
    private readonly cell: ShownText,
    private readonly options: StateLineOptions,
    signal: AbortSignal,
  ) {
    const draw = () => this.draw();
    this.el.className = "tnb-widget tnb-cell-line";
    this.status = new StatusLine(draw, signal);
    this.people = new PeopleBar((person) => options.following.toggle(person), draw);
    const text = () => cell.live?.text?.toString() ?? "";
    const fileName = () =>
      `${cell.mark.document.replace(/[^\w.-]+/g, "-")}.${cell.mark.type === "code" ? "py" : "md"}`;
    this.unsent = new UnsentBox({ text, fileName, discard: () => cell.live?.discard(), draw }, signal);
    this.box = new UnmergedBox(
      {
        theirs: text,
        fileName,
        hasLineNumbers: cell.mark.type === "code",
        useMine: () => cell.useMine(),
        keepTheirs: () => cell.keepTheirs(),
        draw,
      },
      signal,
    );
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
    render(
      html`<div class="tnb-cell-state" role="group" aria-label=${t("Live cell {name}", { name: mark.document })}
          ><span class="tnb-cell-name" title=${t("Live document “{name}”", { name: mark.document })}>${mark.document}</span
          >${this.status.line}${this.people.list(people, following.id)}<span
            class="tnb-cell-notice" role="status" title=${notice}>${notice}</span>${this.history.button}</div>${following.line}${this.status.detail}${this.unsent.box(describeRefused(state))}${this.box.box(aside)}${this.history.el}`,
      this.el,
    );
  }
}
