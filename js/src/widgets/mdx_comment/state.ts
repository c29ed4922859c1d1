// A thread of comments in a list.
import type { TypeState } from "../../document/states";
import { t } from "../../text/words";

/** The type of what is said in a thread. */
const COMMENT = "quill_v2";

export const state: TypeState = {
  // What staff write for a student does not lie below the thread: how much it is is not known from the list.
  describe: ({ numberBelow }) => ({
    words: numberBelow ? t("1 comment|{count} comments", { count: numberBelow }) : t("comments"),
  }),
  covers: ({ parentId, type }, { id }) => type === COMMENT && parentId === id,
};
