// The answers of a quiz where the questions are not known: in an overview.
import { html, nothing, type TemplateResult } from "lit-html";
import { misfitWords } from "../../document/misfit-note";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { answerWords, type GivenAnswer, whereIn } from "./answers";

export function answerList(answers: GivenAnswer[]): TemplateResult {
  if (!answers.length) return html`<p class="tnb-look-note">${t("Nothing has been answered yet.")}</p>`;
  return html`<dl class="tnb-look-rows">${answers.map(
    ({ qid, answer, misfits }) => html`<div><dt>${qid}</dt><dd
      >${symbol(answer === null ? "☐" : "☑")} ${answerWords(answer)}${misfits.length ? html` <span class="tnb-look-note">${symbol("⚠")} ${misfitWords(misfits, whereIn(qid))}</span>` : nothing}</dd></div>`,
  )}</dl>`;
}
