// What a quiz says, in one place; and the order of what it shows. Pure.
import type { Assessment, QuestionResult } from "../../schema/records";
import { numberWords, t } from "../../text/words";

export const say = () => ({
  true: t("True"),
  false: t("False"),
  check: t("Check the answers"),
  sure: t("After that nothing can be changed."),
  assessed: t("This quiz has been assessed and can be answered no more."),
  noQuestions: t("The questions stand in the notebook that asks them."),
  correct: t("correct"),
  notScored: t("Nobody has said what is right: this question is not scored."),
  takeOut: t("Take out"),
  key: t("Correct answers"),
  selfCheck: t("Students may check their answers themselves"),
  secret: t("Nobody but teachers sees this before a quiz is assessed."),
  students: t("Class"),
  nobody: t("None of your students has opened this quiz yet."),
  asking: t("Asking the hub …"),
  assess: t("Assess"),
  assessAll: t("Assess all"),
  reopen: t("Open again"),
  refresh: t("Refresh"),
  open: t("open @quiz"),
  done: t("assessed"),
});

/** A question that is scored, and asked no more. */
export function otherWords(qid: string): string {
  return t("“{name}” is scored, too, though this notebook does not ask it.", { name: qid });
}

/** At most two decimals. */
const rounded = (points: number) => numberWords(Math.round(points * 100) / 100);

export function resultWords({ points, maxPoints }: QuestionResult): string {
  return t("{points} of {max} points", { points: rounded(points), max: rounded(maxPoints) });
}

export function sumWords({ points, maxPoints }: Assessment): string {
  if (typeof points !== "number" || typeof maxPoints !== "number") return "";
  return t("{points} of {max} points in all", { points: rounded(points), max: rounded(maxPoints) });
}

/** The numbers from 0 in an order that was drawn; it may be of a time when there were more of them, or fewer. */
export function inOrder(count: number, order: readonly number[]): number[] {
  const known = [...new Set(order)].filter(
    (number) => Number.isInteger(number) && number >= 0 && number < count,
  );
  return [...known, ...[...Array(count).keys()].filter((number) => !known.includes(number))];
}
