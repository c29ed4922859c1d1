// Single and multiple choice: options to choose from, in the order that was drawn for this person.

import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { documentWidget } from "../../document/document-widget";
import { CHOICE_ANSWER } from "../../schema/types/choice_answer";
import { t } from "../../text/words";
import { chosenAfter, shownOptions } from "./options";
import css from "./style.css";

const OPTIONS: string[] = [];

export const widget = documentWidget({
  name: "choice",
  css,
  data: CHOICE_ANSWER,
  options: { options: OPTIONS, multiple: false },
  draw({ title, data, options: { options, multiple }, canEdit, assign }) {
    const { choices, assessed } = data;
    const shown = shownOptions(options, data.optionsOrder, choices);
    const choose = (index: number) => (event: Event) =>
      assign("choices", chosenAfter(choices, index, (event.target as HTMLInputElement).checked, multiple));
    // Radio buttons are a group within their form: another place that shows this document has its own.
    return html`<form class="tnb-choice-form" @submit=${(event: Event) => event.preventDefault()}
      ><fieldset class="tnb-choice-options" aria-label=${title} ?disabled=${!canEdit || assessed || !options.length}
        >${shown.map(
          ({ index, words }) => html`<label class="tnb-choice-option"><input
            type=${multiple ? "checkbox" : "radio"} name="option" .checked=${live(choices.includes(index))}
            @change=${choose(index)}><span>${words}</span></label>`,
        )}</fieldset
      >${shown.length ? nothing : html`<p class="tnb-choice-note">${t("Nothing has been chosen yet.")}</p>`}${
        canEdit && !assessed && choices.length && !multiple
          ? html`<button type="button" class="tnb-button" @click=${() => assign("choices", [])}>${t("Clear")}</button>`
          : nothing
      }${assessed ? html`<p class="tnb-choice-note" role="status">${t("This answer has been assessed.")}</p>` : nothing}</form>`;
  },
});
