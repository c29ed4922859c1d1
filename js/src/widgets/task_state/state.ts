// A task in a list.
import { stateIn, type TypeState } from "../../document/states";
import { TASK_STATE } from "../../schema/types/task_state";
import { describeState } from "./states";

export const state: TypeState = {
  describe: ({ data }) =>
    stateIn(TASK_STATE, data, ({ state }) => ({ ...describeState(state), isAsking: state === "question" })),
};
