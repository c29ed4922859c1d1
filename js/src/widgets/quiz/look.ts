// A quiz for whoever watches it: what was answered. The questions stand in the notebook that asks them.
import { html } from "lit-html";
import { fitting } from "../../document/fitting";
import type { Look } from "../../document/look";
import { misfitNote } from "../../document/misfit-note";
import { QUIZ } from "../../schema/types/quiz";
import { t } from "../../text/words";
import { answerList } from "./answer-list";
import { answersIn } from "./answers";

export const look: Look = {
  name: "quiz-look",
  css: "",
  needsRelated: true,
  draw({ data: stored, json, related }) {
    const { data, misfits } = fitting(QUIZ, stored);
    const note = misfits.length ? misfitNote(misfits, () => json(stored, false)) : "";
    const assessed = data.assessed
      ? html`<p class="tnb-look-note" role="status">${t("This quiz has been assessed.")}</p>`
      : "";
    return { body: html`${note}${assessed}${answerList(answersIn(related))}` };
  },
};
