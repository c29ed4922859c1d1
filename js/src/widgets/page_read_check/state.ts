// Something to read, in a list.
import { fitting } from "../../document/fitting";
import type { TypeState } from "../../document/states";
import { PAGE_READ_CHECK } from "../../schema/types/page_read_check";
import { t } from "../../text/words";
import { timeWords } from "./time-words";

export const state: TypeState = {
  describe({ data }) {
    const { read, readTime } = fitting(PAGE_READ_CHECK, data).data;
    const [symbol, words] = read ? ["☑", t("read @state")] : ["☐", t("not read")];
    return { symbol, words: `${words}, ${timeWords(readTime)}` };
  },
};
