// A thread of comments in a list: it speaks for what was said in it, wherever that lies.
import type { TypeState } from "../../document/states";
import { t } from "../../text/words";
import { markIn, threadIn } from "./mark";

const SAID = "quill_v2";

export const state: TypeState = {
  describe({ id, numberBelow }, _beside, covered) {
    const ofOthers = numberBelow - covered.filter(({ parentId }) => parentId === id).length;
    const count = Math.max(0, ofOthers) + covered.filter(({ data }) => markIn(data) === null).length;
    // What others have said may lie where this list does not reach: none is not what is known then.
    return { words: count ? t("1 comment|{count} comments", { count }) : t("comments") };
  },
  covers: ({ type, parentId, data }, { id }) => type === SAID && (parentId === id || threadIn(data) === id),
};
