// A thread of comments in a list: it speaks for what was said in it, wherever that lies.
import type { TypeState } from "../../document/states";
import { t } from "../../text/words";
import { markIn, threadIn } from "./mark";

const SAID = "quill_v2";

/** The type of what is said in a thread. */
const COMMENT = "quill_v2";

export const state: TypeState = {
  describe({ id, numberBelow }, _beside, covered) {
    const ofOthers = numberBelow - covered.filter(({ parentId }) => parentId === id).length;
    const count = Math.max(0, ofOthers) + covered.filter(({ data }) => markIn(data) === null).length;
    return { words: t("1 comment|{count} comments", { count }) };
  },
  covers: ({ type, parentId, data }, { id }) => type === SAID && (parentId === id || threadIn(data) === id),
};
