// The page in German.
import words from "./de.json";
import { speakerOf } from "./translating";

export const speaker = speakerOf(words);
