// The form of the dialog about a live cell: its name, and whose the text is.

import type { Dialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { html, render } from "lit-html";
import { describeName, isName, type Mark, type Shared } from "../cells/mark";
import { sentence } from "../text/sentence";
import { t } from "../text/words";
import { addStyle } from "../ui/styles";
import panels from "./panels.css";

const ways = (): [string, Shared, string, string][] => [
  ["own", false, t("Each one's own"), t("everybody has a text of their own, which teachers can read")],
  ["together", true, t("Everybody together"), t("one text that everybody edits at once")],
  ["read", "read", t("Read"), t("teachers write it, and everybody reads it")],
];

export interface MarkFormOptions {
  offered: Mark;
  isLive: boolean;
  /** The course that the notebook names; empty where it names none. */
  course: string;
  /** Names of other cells of the notebook. */
  taken: ReadonlySet<string>;
  /** The user is one of those who write what everybody reads. */
  mayHandOut: boolean;
}

export class MarkForm extends Widget implements Dialog.IBodyWidget<Mark | null> {
  private name: string;
  private shared: Shared;

  /** `before` is a form that was filled in, and could not be taken as it was. */
  constructor(
    private readonly options: MarkFormOptions,
    before?: MarkForm,
  ) {
    super();
    this.name = before?.name ?? options.offered.document;
    this.shared = before?.shared ?? options.offered.shared;
    this.addClass("tnb-mark-form");
    this.draw();
  }

  /** The mark; null when the name cannot be one. */
  getValue(): Mark | null {
    const { type } = this.options.offered;
    return this.problem ? null : { document: this.name, type, shared: this.shared };
  }

  private get problem(): string {
    if (!isName(this.name)) return sentence(describeName(this.name));
    if (this.options.taken.has(this.name))
      return t("Another cell of this notebook is called “{name}”.", { name: this.name });
    return "";
  }

  private get course(): string {
    const { course } = this.options;
    return course
      ? t(
          "In the course “{course}”. A course need not be made: notebooks that name the same one belong together.",
          { course },
        )
      : t("This notebook names no course; others that name none share its documents.");
  }

  protected override onAfterAttach(): void {
    addStyle(this.node, "panels", panels);
  }

  private draw(): void {
    const { isLive, mayHandOut, offered } = this.options;
    const possible = ways().filter(
      ([, shared]) => shared !== "read" || mayHandOut || offered.shared === "read",
    );
    const choices = possible.map(
      ([id, shared, label, words]) => html`<label
        ><input type="radio" name="tnb-shared" value=${id} .checked=${this.shared === shared}
          @change=${() => {
            this.shared = shared;
            this.draw();
          }}><span><b>${label}</b>: ${words}</span></label
      >`,
    );
    const changed = isLive && this.name !== offered.document;
    render(
      html`<label>${t("Name in the course")}<br
        ><input class="jp-mod-styled" type="text" .value=${this.name} aria-describedby="tnb-mark-problem"
          @input=${(event: Event) => {
            this.name = (event.target as HTMLInputElement).value.trim();
            this.draw();
          }}></label>
        <p>${this.course}</p>
        <p id="tnb-mark-problem" role="status">${
          this.problem || (changed ? t("A new name is another document; the old one stays as it is.") : "")
        }</p>
        <fieldset><legend>${t("Whose text is it?")}</legend>${choices}</fieldset>`,
      this.node,
    );
  }
}
