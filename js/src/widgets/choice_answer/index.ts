// Single and multiple choice: options to choose from, in the order that was drawn for this person.
import { choosingForm, choosingStyle } from "../../document/choosing";
import { documentWidget } from "../../document/document-widget";
import { CHOICE_ANSWER } from "../../schema/types/choice_answer";
import { chosenAfter, shownOptions } from "./options";

const OPTIONS: string[] = [];

export const widget = documentWidget({
  name: "choice",
  css: choosingStyle,
  data: CHOICE_ANSWER,
  options: { options: OPTIONS, multiple: false },
  draw({ title, data, options: { options, multiple }, canEdit, assign }) {
    const { choices, assessed } = data;
    return choosingForm({
      title,
      options: shownOptions(options, data.optionsOrder, choices).map(({ index, words }) => ({
        words,
        isChosen: choices.includes(index),
        choose: (isChosen) => assign("choices", chosenAfter(choices, index, isChosen, multiple)),
      })),
      multiple,
      canChoose: canEdit && options.length > 0,
      assessed,
      clear: () => assign("choices", []),
    });
  },
});
