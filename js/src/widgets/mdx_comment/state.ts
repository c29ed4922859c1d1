// A thread of comments in a list.
import type { TypeState } from "../../document/states";
import { t } from "../../text/words";

export const state: TypeState = {
  describe: ({ numberBelow }) => ({ words: t("1 comment|{count} comments", { count: numberBelow }) }),
};
