// A quiz in a list: it speaks for its answers.
import { isBeside, type State, stateIn, type TypeState } from "../../document/states";
import { QUIZ } from "../../schema/types/quiz";
import { t } from "../../text/words";
import { answersIn } from "./answers";

export const state: TypeState = {
  describe: ({ data }, beside) =>
    stateIn(QUIZ, data, ({ questionOrder, assessed }) => {
      const done = answersIn(beside).filter(({ answer }) => answer !== null).length;
      return assessed ? { symbol: "✓", words: t("assessed") } : answered(done, questionOrder.length);
    }),
  covers: (other, quiz) => isBeside(other, quiz) && answersIn([other]).length > 0,
};

/** The platform tells the number of questions only where it has shuffled them. */
function answered(done: number, total: number): State {
  if (!total || done > total) return { symbol: "☐", words: t("1 answer|{count} answers", { count: done }) };
  return { symbol: done === total ? "☑" : "☐", words: t("answered {done} of {total}", { done, total }) };
}
