// An instruction in a list: how many of its steps are done.
import { stateIn, type TypeState } from "../../document/states";
import { PROGRESS_STATE } from "../../schema/types/progress_state";
import { t } from "../../text/words";
import { shownSteps } from "./steps";

export const state: TypeState = {
  describe: ({ data }) =>
    stateIn(PROGRESS_STATE, data, (progress) => {
      const { done, total } = shownSteps([], progress);
      if (!total) return null;
      return { symbol: done === total ? "☑" : "▸", words: t("{done} of {total} done", { done, total }) };
    }),
};
