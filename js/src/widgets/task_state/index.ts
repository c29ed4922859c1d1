// The tick box of a task: a button that goes through the states.

import { html } from "lit-html";
import { documentWidget } from "../../document/document-widget";
import { type State, TASK_STATE } from "../../schema/types/task_state";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { describeState, nextState } from "./states";
import css from "./style.css";

const STATES: State[] = ["unset", "checked", "question"];

export const widget = documentWidget({
  name: "task",
  css,
  data: TASK_STATE,
  options: { states: STATES },
  draw({ title, data, options, canEdit, assign }) {
    const shown = describeState(data.state);
    const next = nextState(options.states, data.state);
    return {
      heading: html`<button type="button" class="tnb-task-button" data-state=${data.state} ?disabled=${!canEdit}
        aria-label="${title}: ${shown.words}" title=${t("Press for “{words}”", { words: describeState(next).words })}
        @click=${() => assign("state", next)}
        >${symbol(shown.symbol)}<span class="tnb-title">${title}</span
        ><span class="tnb-task-words">${shown.words}</span></button>`,
    };
  },
});
