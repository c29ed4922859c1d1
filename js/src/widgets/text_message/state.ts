// A message of a chat in a list: how it begins.
import { stateIn, type TypeState } from "../../document/states";
import { TEXT_MESSAGE } from "../../schema/types/text_message";
import { startOf } from "../../text/whole-characters";
import { t } from "../../text/words";

const LONGEST = 40;

export const state: TypeState = {
  describe: ({ data }) =>
    stateIn(TEXT_MESSAGE, data, (message) => {
      const text = message.text.trim().replace(/\s+/g, " ");
      const start = startOf(text, LONGEST);
      return text ? { words: t("“{text}”", { text: start === text ? text : `${start} …` }) } : null;
    }),
};
