// A chat in a list.
import type { TypeState } from "../../document/states";
import { t } from "../../text/words";

export const state: TypeState = {
  describe: ({ numberBelow }) => ({ words: t("1 message|{count} messages", { count: numberBelow }) }),
};
