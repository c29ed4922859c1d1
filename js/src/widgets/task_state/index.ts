// The tick box of a task: a button that goes through the states.

import { html, nothing } from "lit-html";
import { documentWidget } from "../../document/document-widget";
import { type State, TASK_STATE } from "../../schema/types/task_state";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { describeState, nextState, reachable, type Solution, shownState } from "./states";
import css from "./style.css";

const STATES: State[] = ["unset", "checked", "question"];

export const widget = documentWidget({
  name: "task",
  css,
  data: TASK_STATE,
  options: { states: STATES, solution: "" as Solution },
  draw({ title, data, options, canEdit, assign }) {
    const { solution, states } = options;
    const state = shownState(data.state, solution);
    const shown = describeState(state);
    const next = nextState(reachable(states, solution), data.state);
    const { words } = describeState(shownState(next, solution));
    return {
      heading: html`<button type="button" class="tnb-task-button" data-state=${state} ?disabled=${!canEdit}
        aria-label="${title}: ${shown.words}" title=${canEdit ? t("Press for “{words}”", { words }) : nothing}
        @click=${() => assign("state", next)}
        >${symbol(shown.symbol)}<span class="tnb-title">${title}</span
        ><span class="tnb-task-words">${shown.words}</span></button>`,
    };
  },
});
