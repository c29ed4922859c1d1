// The questions, drawn for whoever answers them, and once more for the teacher who says what is right.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Misfit } from "../../document/fitting";
import { misfitWords } from "../../document/misfit-note";
import type { QuestionResult } from "../../schema/records";
import { symbol } from "../../ui/elements";
import { whereIn } from "./answers";
import type { Answer, QuizQuestion } from "./quiz-session";
import { inOrder, resultWords, say } from "./words";

export interface Asked {
  question: QuizQuestion;
  /** From 1, as it is shown. */
  number: number;
  answer: Answer;
  isDisabled: boolean;
  /** What another program has stored in the answer that does not fit. */
  odd?: Misfit[];
  result?: QuestionResult | undefined;
  give(answer: Answer): void;
}

export function questionForm(asked: Asked): TemplateResult {
  const { question, number, isDisabled, odd = [], result } = asked;
  // Radio buttons are a group within their form: another place that shows the question has its own.
  return html`<form class="tnb-quiz-question" @submit=${(event: Event) => event.preventDefault()}
    ><fieldset ?disabled=${isDisabled}><legend>${number}. ${question.ask}</legend>${
      question.options.length ? options(asked) : judgement(asked)
    }</fieldset>${odd.length ? misfitNote(question, odd) : nothing}${result ? scored(result) : nothing}</form>`;
}

function misfitNote({ qid }: QuizQuestion, odd: Misfit[]): TemplateResult {
  const words = misfitWords(odd, whereIn(qid));
  return html`<p class="tnb-quiz-note" role="status">${symbol("⚠")} ${words}</p>`;
}

function options({ question, answer, result, give }: Asked): unknown {
  const chosen = Array.isArray(answer) ? answer : [];
  const choose = (index: number) => (event: Event) => {
    const isChosen = (event.target as HTMLInputElement).checked;
    const others = question.multiple ? chosen.filter((each) => each !== index) : [];
    give((isChosen ? [...others, index] : others).sort((a, b) => a - b));
  };
  return inOrder(question.options.length, question.order).map((index) =>
    option({
      type: question.multiple ? "checkbox" : "radio",
      words: question.options[index] ?? "",
      isChosen: chosen.includes(index),
      isRight: result?.choices?.includes(index) ?? false,
      choose: choose(index),
    }),
  );
}

function judgement({ answer, result, give }: Asked): unknown {
  return [true, false].map((value) =>
    option({
      type: "radio",
      words: value ? say().true : say().false,
      isChosen: answer === value,
      isRight: result?.value === value,
      choose: () => give(value),
    }),
  );
}

interface Option {
  type: "radio" | "checkbox";
  words: string;
  isChosen: boolean;
  isRight: boolean;
  choose(event: Event): void;
}

function option({ type, words, isChosen, isRight, choose }: Option): TemplateResult {
  const right = isRight ? html`<span class="tnb-quiz-right">${symbol("✓")} ${say().correct}</span>` : nothing;
  return html`<label class="tnb-quiz-option"><input type=${type} name="option" .checked=${live(isChosen)}
    @change=${choose}><span>${words}</span>${right}</label>`;
}

function scored(result: QuestionResult): TemplateResult {
  const sign = result.misses === 0 ? "✓" : result.hits > 0 ? "◐" : "✗";
  return html`<p class="tnb-quiz-result">${symbol(sign)} ${resultWords(result)}</p>`;
}
