// An instruction whose steps open one after the other. The two buttons stay where they are, so that the focus does.
import { html, nothing } from "lit-html";
import { documentWidget } from "../../document/document-widget";
import { PROGRESS_STATE } from "../../schema/types/progress_state";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { shownSteps } from "./steps";
import css from "./style.css";

const STEPS: string[] = [];

export const widget = documentWidget({
  name: "progress",
  css,
  data: PROGRESS_STATE,
  options: { steps: STEPS },
  draw({ data, options, canEdit, assign }) {
    const { done, steps, total } = shownSteps(options.steps, data);
    const isDone = done === total;
    const words = isDone
      ? t("All {total} steps are done", { total })
      : t("Step {number} of {total}", { number: done + 1, total });
    // Disabled, a button that has the focus would lose it.
    const button = (
      label: string,
      step: number,
      isUseless: boolean,
    ) => html`<button type="button" class="tnb-button"
      ?disabled=${!canEdit} aria-disabled=${isUseless} @click=${() => isUseless || assign("progress", step)}
      ><span>${label}</span></button>`;
    return html`<ol class="tnb-steps">${steps.map(
      (step, index) => html`<li data-done=${index < done} aria-current=${index === done ? "step" : nothing}
        >${index < done ? html`${symbol("✓")}<span class="tnb-hidden">${t("Done")}: </span>` : symbol("▸")}<span>${step}</span></li>`,
    )}</ol>
      <div class="tnb-steps-go">${button(t("Back"), done - 1, done === 0)}${button(t("Done, go on"), done + 1, isDone)}
        <span role="status">${total ? words : ""}</span></div>`;
  },
});
