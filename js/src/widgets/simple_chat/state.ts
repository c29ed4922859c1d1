// A chat in a list: it speaks for what the same person has said in it.
import type { TypeState } from "../../document/states";
import { t } from "../../text/words";

export const state: TypeState = {
  describe: ({ numberBelow }) => ({ words: t("1 message|{count} messages", { count: numberBelow }) }),
  covers: ({ type, parentId }, { id }) => type === "text_message" && parentId === id,
};
