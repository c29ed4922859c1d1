// What somebody has answered in a quiz, in the documents that lie beside it. Pure.
import { isObject } from "../../document/fitting";
import { t } from "../../text/words";
import type { Answer } from "./quiz-session";

export interface GivenAnswer {
  qid: string;
  answer: Answer;
}

/** The answers in the order of their documents; of two to one question the first counts, as at the hub. */
export function answersIn(documents: { data?: unknown }[]): GivenAnswer[] {
  const found = new Map<string, Answer>();
  for (const { data } of documents)
    if (isObject(data) && typeof data.qid === "string" && data.qid && !found.has(data.qid))
      found.set(data.qid, answerIn(data));
  return [...found].map(([qid, answer]) => ({ qid, answer }));
}

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
