// Sentences for people, in the language of the page: English, or what a catalogue makes of it. The English sentence is its
// own key in the sources, so that a page in English needs no catalogue. How to add a sentence or a language: docs/languages.md.
import { sentenceKey } from "./sentence-key.mjs";

/** What stands in the places of a sentence. `count` chooses between its forms, `why` is what kernel or hub say. */
type Values = Readonly<Record<string, string | number>>;

export interface Catalogue {
  /** What the page says, by `sentenceKey`. */
  page: Readonly<Record<string, string>>;
  /** What kernel and hub say, and what goes wrong on the way to them; by `sentenceKey` where it has no places. */
  said: Readonly<Record<string, string>>;
}

/** Another language than English. */
export interface Speaker {
  /** As in the catalogue. */
  page: Readonly<Record<string, string>>;
  /** What kernel or hub say, null where that is not known. */
  known(words: string): string | null;
}

/** Tells apart what is one sentence in English and several elsewhere: `t("Open @state")`. */
const CONTEXT = / @\w+$/;
export const PLACE = /\{(\w+)\}/g;

/** Languages besides English, each with what loads it. */
const LANGUAGES: Record<string, () => Promise<{ speaker: Speaker }>> = {
  de: () => import("./de"),
};

let language = "en";
let speaker: Speaker | null = null;

/**
 * Take the language of the page, before anything is drawn. JupyterLab and Notebook write that of their user there; what the
 * browser would like is never asked. A language that cannot be loaded leaves the page in English.
 */
export async function speak(wanted = document.documentElement.lang): Promise<void> {
  const load = LANGUAGES[wanted.toLowerCase().split(/[-_]/)[0] ?? ""];
  try {
    speaker = load ? (await load()).speaker : null;
    language = load ? wanted.replace("_", "-") : "en";
  } catch (error) {
    console.info(`teaching_nb: the sentences in “${wanted}” could not be loaded`, error);
  }
}

/** The language of the page as `Intl` calls it, for numbers and times. */
export function spokenLanguage(): string {
  return language;
}

export function numberWords(number: number): string {
  // Another program may have stored any number, and nobody reads three hundred digits.
  return number.toLocaleString(language, Math.abs(number) < 1e15 ? {} : { notation: "scientific" });
}

/**
 * A sentence in the language of the page: `t("{name} has left.", { name })`. Where one and many differ, both stand there:
 * `t("1 change|{count} changes", { count })`. What kernel or hub say (`why`) is translated as well; where that is not
 * known everything stays English, for nobody shall read half a sentence of each.
 */
export function t(words: string, values: Values = {}): string {
  const translation = speaker?.page[sentenceKey(words)];
  if (translation === undefined || values.why === undefined) return filled(translation ?? words, values);
  const why = speaker?.known(String(values.why)) ?? null;
  return why === null ? filled(words, values) : filled(translation, { ...values, why });
}

/** What kernel or hub say, in the language of the page where that is known. */
export function said(words: string): string {
  return speaker?.known(words) ?? words;
}

/** What hub or browser say as the reason of something, in the language of the page; nothing where that is not known. */
export function saidIfKnown(words: string): string {
  return speaker ? (speaker.known(words) ?? "") : words;
}

/** Marks a sentence that goes where those of kernel and hub go: it is translated there, by `said` or as a `why`. */
export function phrase(words: string): string {
  return words;
}

/** A sentence, in the form that fits, with what stands in its places. */
export function filled(words: string, values: Values): string {
  const [one = "", many = one] = words.split("|");
  const form = values.count === 1 ? one : many;
  return form.replace(CONTEXT, "").replace(PLACE, (place, name: string) => String(values[name] ?? place));
}
