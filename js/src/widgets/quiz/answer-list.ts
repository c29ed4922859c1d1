// The answers of a quiz where the questions are not known: in an overview.
import { html, type TemplateResult } from "lit-html";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { answerWords, type GivenAnswer } from "./answers";

export function answerList(answers: GivenAnswer[]): TemplateResult {
  if (!answers.length) return html`<p class="tnb-look-note">${t("Nothing has been answered yet.")}</p>`;
  return html`<dl class="tnb-look-rows">${answers.map(
    ({ qid, answer }) => html`<div><dt>${qid}</dt><dd
      >${symbol(answer === null ? "☐" : "☑")} ${answerWords(answer)}</dd></div>`,
  )}</dl>`;
}
