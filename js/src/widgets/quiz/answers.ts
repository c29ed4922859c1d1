// What somebody has answered in a quiz, in the documents that lie beside it. Pure.
import { fitting, type Misfit } from "../../document/fitting";
import { isObject } from "../../document/objects";
import { CHOICE_ANSWER } from "../../schema/types/choice_answer";
import { TRUE_FALSE_ANSWER } from "../../schema/types/true_false_answer";
import { t } from "../../text/words";
import type { Answer } from "./quiz-session";

export interface GivenAnswer {
  qid: string;
  answer: Answer;
  /** What another program has stored in it that does not fit. */
  misfits: Misfit[];
}

const DEFAULTS: Record<string, object> = {
  choice_answer: CHOICE_ANSWER,
  true_false_answer: TRUE_FALSE_ANSWER,
};

/** The answers in the order of their documents; of two to one question the first counts, as at the hub. */
export function answersIn(documents: { type?: string; data?: unknown }[]): GivenAnswer[] {
  const found = new Map<string, GivenAnswer>();
  for (const { type = "", data: stored } of documents) {
    if (!isObject(stored) || typeof stored.qid !== "string" || !stored.qid || found.has(stored.qid)) continue;
    const { data, misfits } = fitting(DEFAULTS[type] ?? {}, stored);
    found.set(stored.qid, { qid: stored.qid, answer: answerIn(data as Record<string, unknown>), misfits });
  }
  return [...found.values()];
}

/** Where the author of an answer can replace what is stored. */
export const whereIn = (qid: string) => `.answer_document(${JSON.stringify(qid)}).data`;

export function answerWords(answer: Answer): string {
  if (answer === null) return t("not answered");
  if (typeof answer === "boolean") return answer ? t("True") : t("False");
  return t("Option {number}", { number: answer.map((index) => index + 1).join(", ") });
}

function answerIn({ choices, value }: Record<string, unknown>): Answer {
  if (typeof value === "boolean") return value;
  const chosen = Array.isArray(choices) ? choices.filter(Number.isSafeInteger) : [];
  return chosen.length ? chosen : null;
}
