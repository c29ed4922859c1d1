// The form of the dialog about a live cell: its name, and whose the text is.
import type { Dialog } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { html, render } from "lit-html";
import css from "../cells/cells.css";
import { describeName, isName, type Mark, type Shared } from "../cells/mark";
import { addStyle } from "../ui/styles";

const WAYS: [string, Shared, string, string][] = [
  ["own", false, "Each one's own", "everybody has a text of their own, which teachers can read"],
  ["together", true, "Everybody together", "one text that everybody edits at once"],
  ["read", "read", "Read", "teachers write it, and everybody reads it"],
];

export class MarkForm extends Widget implements Dialog.IBodyWidget<Mark | null> {
  private name: string;
  private shared: Shared;

  constructor(
    private readonly offered: Mark,
    private readonly isLive: boolean,
    private readonly taken: ReadonlySet<string>,
  ) {
    super();
    this.name = offered.document;
    this.shared = offered.shared;
    this.addClass("tnb-mark-form");
    this.draw();
  }

  /** The mark; null when the name cannot be one. */
  getValue(): Mark | null {
    const { type } = this.offered;
    return this.problem ? null : { document: this.name, type, shared: this.shared };
  }

  private get problem(): string {
    if (!isName(this.name)) return `${describeName(this.name)}.`;
    if (this.taken.has(this.name)) return `Another cell of this notebook is called “${this.name}”.`;
    return "";
  }

  protected override onAfterAttach(): void {
    addStyle(this.node, "cells", css);
  }

  private draw(): void {
    const ways = WAYS.map(
      ([id, shared, label, words]) => html`<label
        ><input type="radio" name="tnb-shared" value=${id} .checked=${this.shared === shared}
          @change=${() => {
            this.shared = shared;
            this.draw();
          }}><span><b>${label}</b>: ${words}</span></label
      >`,
    );
    const changed = this.isLive && this.name !== this.offered.document;
    render(
      html`<label>Name in the course<br
        ><input class="jp-mod-styled" type="text" .value=${this.name} aria-describedby="tnb-mark-problem"
          @input=${(event: Event) => {
            this.name = (event.target as HTMLInputElement).value.trim();
            this.draw();
          }}></label>
        <p id="tnb-mark-problem" role="status">${
          this.problem || (changed ? "A new name is another document; the old one stays as it is." : "")
        }</p>
        <fieldset><legend>Whose text is it?</legend>${ways}</fieldset>`,
      this.node,
    );
  }
}
