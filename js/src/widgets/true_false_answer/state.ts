// A judgement in a list.
import { stateIn, type TypeState } from "../../document/states";
import { TRUE_FALSE_ANSWER } from "../../schema/types/true_false_answer";
import { t } from "../../text/words";

export const state: TypeState = {
  describe: ({ data }) =>
    stateIn(TRUE_FALSE_ANSWER, data, ({ value, assessed }) => {
      if (typeof value !== "boolean") return { symbol: "☐", words: t("not answered") };
      const words = value ? t("True") : t("False");
      return { symbol: "☑", words: assessed ? `${words}, ${t("assessed")}` : words };
    }),
};
