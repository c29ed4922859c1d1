// What staff write for one student: they write it here, and the student reads it.
import { withheldWidget } from "../../document/withheld-widget";
import { t } from "../../text/words";

const words = () => {
  const nothing = t("Nothing has been written for you here yet.");
  return { closed: nothing, empty: nothing };
};

export const widget = withheldWidget("feedback", { isOpened: false, words });
