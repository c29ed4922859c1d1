// A message of a chat in a list: how it begins.
import { fitting } from "../../document/fitting";
import type { TypeState } from "../../document/states";
import { TEXT_MESSAGE } from "../../schema/types/text_message";
import { startOf } from "../../text/whole-characters";

const LONGEST = 40;

export const state: TypeState = {
  describe({ data }) {
    const text = fitting(TEXT_MESSAGE, data).data.text.trim().replace(/\s+/g, " ");
    const start = startOf(text, LONGEST);
    return text ? { words: `“${start}${start === text ? "" : " …"}”` } : null;
  },
};
