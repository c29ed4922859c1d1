// Options to choose from, as a form: for answers that may be assessed, and are locked then.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { t } from "../text/words";
import css from "./choosing.css";

export { css as choosingStyle };

export interface Option {
  words: string;
  isChosen: boolean;
  choose(isChosen: boolean): void;
}

export interface Choosing {
  /** What is asked. */
  title: string;
  options: Option[];
  /** Whether several can be chosen. */
  multiple: boolean;
  canChoose: boolean;
  assessed: boolean;
  /** Take the answer back. */
  clear(): void;
}

export function choosingForm({
  title,
  options,
  multiple,
  canChoose,
  assessed,
  clear,
}: Choosing): TemplateResult {
  const isOpen = canChoose && !assessed;
  const canClear = isOpen && !multiple && options.some(({ isChosen }) => isChosen);
  // Radio buttons are a group within their form: another place that shows this document has its own.
  return html`<form class="tnb-choice-form" @submit=${(event: Event) => event.preventDefault()}
    ><fieldset class="tnb-choice-options" aria-label=${title} ?disabled=${!isOpen}
      >${options.map(
        ({ words, isChosen, choose }) => html`<label class="tnb-choice-option"><input
          type=${multiple ? "checkbox" : "radio"} name="option" .checked=${live(isChosen)}
          @change=${(event: Event) => choose((event.target as HTMLInputElement).checked)}><span>${words}</span></label>`,
      )}</fieldset
    >${options.length ? nothing : html`<p class="tnb-choice-note">${t("Nothing has been chosen yet.")}</p>`}${
      canClear
        ? html`<button type="button" class="tnb-button" @click=${clear}>${t("Clear")}</button>`
        : nothing
    }${assessed ? html`<p class="tnb-choice-note" role="status">${t("This answer has been assessed.")}</p>` : nothing}</form>`;
}
