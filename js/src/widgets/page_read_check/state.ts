// Something to read, in a list.
import { stateIn, type TypeState } from "../../document/states";
import { PAGE_READ_CHECK } from "../../schema/types/page_read_check";
import { t } from "../../text/words";
import { durationWords } from "./time-words";

export const state: TypeState = {
  describe: ({ data }) =>
    stateIn(PAGE_READ_CHECK, data, ({ read, readTime }) => {
      const words = read ? t("read @state") : t("not read");
      return { symbol: read ? "☑" : "☐", words: `${words}, ${durationWords(readTime)}` };
    }),
};
