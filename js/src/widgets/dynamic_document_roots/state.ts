// A list of chat rooms in a list of documents.
import type { TypeState } from "../../document/states";
import { numberWords } from "./number";

export const state: TypeState = { describe: ({ data }) => ({ words: numberWords(data) }) };
