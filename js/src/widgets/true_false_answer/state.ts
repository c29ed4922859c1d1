// A judgement in a list.
import { fitting } from "../../document/fitting";
import type { TypeState } from "../../document/states";
import { TRUE_FALSE_ANSWER } from "../../schema/types/true_false_answer";
import { t } from "../../text/words";

export const state: TypeState = {
  describe({ data }) {
    const { value, assessed } = fitting(TRUE_FALSE_ANSWER, data).data;
    if (typeof value !== "boolean") return { symbol: "☐", words: t("not answered") };
    const words = value ? t("True") : t("False");
    return { symbol: "☑", words: assessed ? `${words}, ${t("assessed")}` : words };
  },
};
