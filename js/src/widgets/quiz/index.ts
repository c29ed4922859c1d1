// A quiz: questions that are answered one by one and assessed together.
import { html, nothing, type TemplateResult } from "lit-html";
import { fitting, type Misfit } from "../../document/fitting";
import { Frame } from "../../document/frame";
import { misfitWords } from "../../document/misfit-note";
import type { Context, Shown, View } from "../../jupyter/widget";
import { QUIZ } from "../../schema/types/quiz";
import { mayWrite } from "../../status/saved-model";
import { questionForm } from "./questions";
import { QuizSession } from "./quiz-session";
import { staffParts } from "./staff";
import css from "./style.css";
import { inOrder, say, sumWords } from "./words";

export function widget({ model, signal }: Context): Shown {
  const session = new QuizSession(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: QuizSession, view: View): void {
  const frame = new Frame(session.document, view, {
    name: "quiz",
    css,
    traits: ["data", "misfits", "questions", "answers", "odd_answers", "is_staff"],
    saving: () => session.saving,
    parts: () => ({ body: html`<div class="tnb-quiz-body">${content(session)}</div>` }),
    problem: () => session.refusal,
  });
  session.onChange(() => frame.update(), view.signal);
  frame.start(view.signal);
}

function content(session: QuizSession): TemplateResult {
  const { questions, assessment, model, signal, document } = session;
  const { data, misfits } = fitting(QUIZ, document.data, (model.get("misfits") ?? []) as Misfit[]);
  // As at the hub: what is not true is open.
  const { assessed, questionOrder } = data;
  const canAnswer = mayWrite(model) && !signal.aborted && !assessed;
  const results = new Map((assessed ? (assessment?.questions ?? []) : []).map((each) => [each.qid, each]));
  const forms = inOrder(questions.length, questionOrder).map((index, place) => {
    const question = questions[index];
    if (!question) return nothing;
    const odd = session.oddIn(question.qid);
    return questionForm({
      question,
      number: place + 1,
      answer: session.answerTo(question.qid),
      // What does not fit would be lost by a change.
      isDisabled: !canAnswer || !odd.every(({ is_of_call }) => is_of_call),
      odd,
      result: results.get(question.qid),
      give: (answer) => void session.answer(question.qid, answer),
    });
  });
  return html`${misfits.length ? html`<p class="tnb-quiz-note" role="status">${misfitWords(misfits)}</p>` : nothing}${forms}${questions.length ? nothing : html`<p class="tnb-quiz-note">${say().noQuestions}</p>`}
    ${assessed ? sum(session) : nothing}${canAnswer && assessment?.mayCheck ? checking(session) : nothing}
    ${session.isStaff && questions.length ? staffParts(session) : nothing}`;
}

function sum({ assessment }: QuizSession): TemplateResult {
  const words = assessment ? sumWords(assessment) : "";
  return html`<p class="tnb-quiz-sum" role="status"><strong>${words}</strong> ${say().assessed}</p>`;
}

function checking(session: QuizSession): TemplateResult {
  return html`<div class="tnb-quiz-buttons"><button type="button" class="tnb-button"
    @click=${() => void session.check()}>${say().check}</button><span>${say().sure}</span></div>`;
}
