// An answer in a list: which options are chosen.
import { stateIn, type TypeState } from "../../document/states";
import { CHOICE_ANSWER } from "../../schema/types/choice_answer";
import { t } from "../../text/words";

export const state: TypeState = {
  describe: ({ data }) =>
    stateIn(CHOICE_ANSWER, data, ({ choices, assessed }) => {
      if (!choices.length) return { symbol: "☐", words: t("not answered") };
      const words = t("Option {number}", { number: choices.map((index) => index + 1).join(", ") });
      return { symbol: "☑", words: assessed ? `${words}, ${t("assessed")}` : words };
    }),
};
