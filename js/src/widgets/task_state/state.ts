// A task in a list.
import { fitting } from "../../document/fitting";
import type { TypeState } from "../../document/states";
import { TASK_STATE } from "../../schema/types/task_state";
import { describeState } from "./states";

export const state: TypeState = {
  describe({ data }) {
    const { state: stored } = fitting(TASK_STATE, data).data;
    return { ...describeState(stored), isAsking: stored === "question" };
  },
};
