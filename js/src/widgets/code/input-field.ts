// Where the user types what running code asks for: `input()` and `getpass()`. Every page that shows the cell has one, and
// the first answer counts.

import { html, type TemplateResult } from "lit-html";
import { t } from "../../text/words";

/** What the code asks, as the kernel tells it. */
export interface Question {
  number: number;
  prompt: string;
  secret: boolean;
}

const END_OF_INPUT = "\x04";

export class InputField {
  private shown: number | null = null;

  /** It stands somewhere in `widget`. */
  constructor(
    private readonly widget: HTMLElement,
    private readonly answer: (question: Question, value: string) => void,
  ) {}

  /** The field for a question, nothing without one. */
  template(question: Question | null): TemplateResult | string {
    const isNew = question !== null && question.number !== this.shown;
    this.shown = question?.number ?? null;
    if (!question) return "";
    if (isNew) requestAnimationFrame(() => focusIn(this.widget));
    const submit = (event: SubmitEvent) => {
      event.preventDefault();
      const field = (event.target as HTMLFormElement).elements.namedItem("answer") as HTMLInputElement;
      this.answer(question, field.value);
      field.value = "";
    };
    // As in a terminal; the browser's own meaning is a bookmark.
    const end = (event: KeyboardEvent) => {
      if (event.key !== "d" || !event.ctrlKey) return;
      event.preventDefault();
      this.answer(question, END_OF_INPUT);
    };
    return html`<form class="tnb-ask" @submit=${submit}>
      <label><span class="tnb-text">${question.prompt}</span
        ><input name="answer" type=${question.secret ? "password" : "text"} autocomplete="off" autocapitalize="off"
          spellcheck="false" aria-label=${question.prompt.trim() || t("Input for the running code")}
          @keydown=${end} /></label>
      <button type="submit" class="tnb-button"><span>${t("Enter")}</span></button></form>`;
  }
}

/** The user who has pressed Run goes on to type; somebody who is at work elsewhere in the page is left there. */
function focusIn(widget: HTMLElement): void {
  const field = widget.querySelector<HTMLInputElement>(".tnb-ask input");
  const at = document.activeElement;
  if (!at || at.contains(widget) || widget.contains(at)) field?.focus({ preventScroll: true });
}
