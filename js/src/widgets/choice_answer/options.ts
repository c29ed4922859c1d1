// Which options are shown, in which order, and what is chosen after a press. Pure.
import { t } from "../../text/words";

export interface ShownOption {
  /** The number that is stored: the place in the call, from 0. */
  index: number;
  words: string;
}

/**
 * The options in their order: what the document names first, then what the call has besides.
 *
 * A call may have changed since the order was drawn; and an overview knows no options, only what was chosen.
 */
export function shownOptions(
  options: readonly string[],
  order: readonly number[],
  choices: readonly number[],
): ShownOption[] {
  if (!options.length)
    return [...choices]
      .sort((a, b) => a - b)
      .map((index) => ({ index, words: t("Option {number}", { number: index + 1 }) }));
  const known = [...new Set(order)].filter((index) => index < options.length);
  const all = [...known, ...options.keys()].filter((index, place, list) => list.indexOf(index) === place);
  return all.map((index) => ({ index, words: options[index] ?? "" }));
}

export function chosenAfter(
  choices: readonly number[],
  index: number,
  isChosen: boolean,
  multiple: boolean,
): number[] {
  if (!multiple) return isChosen ? [index] : [];
  const others = choices.filter((choice) => choice !== index);
  return (isChosen ? [...others, index] : others).sort((a, b) => a - b);
}
