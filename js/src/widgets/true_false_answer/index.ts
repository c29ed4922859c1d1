// A statement to judge: true or false.
import { choosingForm, choosingStyle } from "../../document/choosing";
import { documentWidget } from "../../document/document-widget";
import { TRUE_FALSE_ANSWER } from "../../schema/types/true_false_answer";
import { t } from "../../text/words";

export const widget = documentWidget({
  name: "true-false",
  css: choosingStyle,
  data: TRUE_FALSE_ANSWER,
  options: {},
  draw({ title, data: { value, assessed }, canEdit, assign }) {
    const option = (words: string, meant: boolean) => ({
      words,
      isChosen: value === meant,
      choose: () => assign("value", meant),
    });
    return choosingForm({
      title,
      options: [option(t("True"), true), option(t("False"), false)],
      multiple: false,
      canChoose: canEdit,
      assessed,
      clear: () => assign("value", null),
    });
  },
});
