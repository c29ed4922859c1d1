// What teachers have below a quiz: what is right, and how their students stand.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { symbol } from "../../ui/elements";
import { questionForm } from "./questions";
import type { Answer, ClassRow, QuizSession } from "./quiz-session";
import { otherWords, say, sumWords } from "./words";

export function staffParts(session: QuizSession): TemplateResult {
  const opened = (load: () => Promise<void>) => (event: Event) => {
    if ((event.target as HTMLDetailsElement).open) void load();
  };
  return html`<details class="tnb-quiz-staff" @toggle=${opened(() => session.loadKey())}
      ><summary>${say().key}</summary>${keyPart(session)}</details>
    <details class="tnb-quiz-staff" @toggle=${opened(() => session.loadClass())}
      ><summary>${say().students}</summary>${classPart(session)}</details>`;
}

function note(words: string): TemplateResult {
  return html`<p class="tnb-quiz-note">${words}</p>`;
}

function keyPart(session: QuizSession): unknown {
  const { key, questions, signal } = session;
  if (!key) return note(say().asking);
  const forms = questions.map((question, index) => {
    const give = (right: Answer) => void session.changeKey(question.qid, right);
    const answer = session.rightFor(question.qid);
    const form = questionForm({
      question: { ...question, order: [] },
      number: index + 1,
      answer,
      isDisabled: signal.aborted,
      give,
    });
    const missing = answer === null ? note(say().notScored) : nothing;
    return html`<div class="tnb-quiz-key">${form}${missing}</div>`;
  });
  const allow = (event: Event) => void session.allowSelfCheck((event.target as HTMLInputElement).checked);
  const intro = Object.keys(key.answers).length ? nothing : note(say().secret);
  const others = key.others.map(
    (qid) => html`<p class="tnb-quiz-note">${otherWords(qid)} <button type="button" class="tnb-button"
      ?disabled=${signal.aborted} aria-label="${say().takeOut}: ${qid}"
      @click=${() => void session.changeKey(qid, null)}>${say().takeOut}</button></p>`,
  );
  return html`${intro}${forms}${others}<label class="tnb-quiz-option"><input type="checkbox" ?disabled=${signal.aborted}
    .checked=${live(key.selfCheck)} @change=${allow}><span>${say().selfCheck}</span></label>`;
}

function classPart(session: QuizSession): unknown {
  const { students, signal } = session;
  if (!students) return note(say().asking);
  const open = students.filter((row) => !row.isAssessed).map((row) => row.documentId);
  const rows = repeat(
    students,
    ({ documentId }) => documentId,
    (row) => studentRow(row, session),
  );
  return html`${students.length ? html`<ul aria-label=${say().students}>${rows}</ul>` : note(say().nobody)}
    <div class="tnb-quiz-buttons"><button type="button" class="tnb-button" ?disabled=${signal.aborted || !open.length}
      @click=${() => void session.assess(open, true)}>${say().assessAll}</button
    ><button type="button" class="tnb-button" ?disabled=${signal.aborted}
      @click=${() => void session.loadClass()}>${say().refresh}</button></div>`;
}

function studentRow(row: ClassRow, session: QuizSession): TemplateResult {
  const words = row.isAssessed ? say().reopen : say().assess;
  const state = row.isAssessed ? say().done : say().open;
  return html`<li class="tnb-quiz-student"><span class="tnb-quiz-name">${row.name}</span
    ><span>${symbol(row.isAssessed ? "✓" : "○")} ${state}</span><span>${sumWords(row)}</span
    ><button type="button" class="tnb-button" aria-label="${words}: ${row.name}" ?disabled=${session.signal.aborted}
      @click=${() => void session.assess([row.documentId], !row.isAssessed)}>${words}</button></li>`;
}
