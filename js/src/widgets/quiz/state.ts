// A quiz in a list: it speaks for its answers.
import { fitting } from "../../document/fitting";
import type { TypeState } from "../../document/states";
import { QUIZ } from "../../schema/types/quiz";
import { t } from "../../text/words";
import { answersIn } from "./answers";

export const state: TypeState = {
  describe({ data }, beside) {
    const { questionOrder, assessed } = fitting(QUIZ, data).data;
    if (assessed) return { symbol: "✓", words: t("assessed") };
    const done = answersIn(beside).filter(({ answer }) => answer !== null).length;
    const total = questionOrder.length;
    // The platform tells the number of questions only where it has shuffled them.
    const words =
      total && done <= total
        ? t("answered {done} of {total}", { done, total })
        : t("1 answer|{count} answers", { count: done });
    return { symbol: total && done >= total ? "☑" : "☐", words };
  },
  covers: (other) => answersIn([other]).length > 0,
};
