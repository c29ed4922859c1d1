// Sentences for people, in the language of the page: English, or what a catalogue makes of it. The English sentence is its
// own key, so that a page in English needs no catalogue. How to add a sentence or a language: docs/languages.md.

/** What stands in the places of a sentence. `count` chooses between its forms, `why` is what kernel or hub says. */
type Values = Readonly<Record<string, string | number>>;

export interface Catalogue {
  /** What the page says. */
  page: Readonly<Record<string, string>>;
  /** What kernel and hub say, and what goes wrong on the way to them. */
  said: Readonly<Record<string, string>>;
}

/** Tells apart what is one sentence in English and several elsewhere: `t("Open @state")`. */
const CONTEXT = / @\w+$/;
const PLACE = /\{(\w+)\}/g;

/** Languages besides English, each with what loads its catalogue. */
const CATALOGUES: Record<string, () => Promise<{ default: Catalogue }>> = {
  de: () => import("./de.json"),
};

let language = "en";
let catalogue: Catalogue | null = null;
/** What has been said → the same in the language of the page, null where that is not known. */
const translations = new Map<string, string | null>();
let patterns: [pattern: RegExp, places: string[], translation: string][] = [];

/**
 * Take the language of the page, before anything is drawn. JupyterLab and Notebook write that of their user there; what the
 * browser would like is never asked. A catalogue that cannot be loaded leaves the page in English.
 */
export async function speak(wanted = document.documentElement.lang): Promise<void> {
  const load = CATALOGUES[wanted.toLowerCase().split(/[-_]/)[0] ?? ""];
  if (!load) {
    use("en", null);
    return;
  }
  try {
    use(wanted.replace("_", "-"), (await load()).default);
  } catch (error) {
    console.info(`teaching_nb: the sentences in “${wanted}” could not be loaded`, error);
  }
}

function use(spoken: string, known: Catalogue | null): void {
  if (catalogue === known) return;
  [language, catalogue] = [spoken, known];
  translations.clear();
  patterns = Object.entries(known?.said ?? {})
    .filter(([words]) => words.includes("{"))
    .map(patternOf);
}

/** The language of the page as `Intl` calls it, for numbers and times. */
export function spokenLanguage(): string {
  return language;
}

export function numberWords(number: number): string {
  return number.toLocaleString(language);
}

/**
 * A sentence in the language of the page: `t("{name} has left.", { name })`. Where one and many differ, both stand there:
 * `t("1 change|{count} changes", { count })`. What kernel or hub says (`why`) is translated as well; where that is not
 * known everything stays English, for nobody shall read half a sentence of each.
 */
export function t(words: string, values: Values = {}): string {
  const translation = catalogue?.page[words];
  if (translation === undefined || values.why === undefined) return filled(translation ?? words, values);
  const why = known(String(values.why));
  return why === null ? filled(words, values) : filled(translation, { ...values, why });
}

/** What kernel or hub says, in the language of the page where that is known. */
export function said(words: string): string {
  return (catalogue && known(words)) ?? words;
}

/** What hub or browser say as the reason of something, in the language of the page; nothing where that is not known. */
export function saidIfKnown(words: string): string {
  return catalogue ? (known(words) ?? "") : words;
}

/** Marks a sentence that goes where those of kernel and hub go: it is translated there, by `said` or as a `why`. */
export function phrase(words: string): string {
  return words;
}

function filled(words: string, values: Values): string {
  const [one = "", many = one] = words.split("|");
  const form = values.count === 1 ? one : many;
  return form.replace(CONTEXT, "").replace(PLACE, (place, name: string) => String(values[name] ?? place));
}

function known(words: string): string | null {
  const found = translations.get(words);
  if (found !== undefined) return found;
  const translation = words ? (translated(words) ?? inParts(words)) : "";
  translations.set(words, translation);
  return translation;
}

/** Several sentences in one line, all of them or none. */
function inParts(words: string): string | null {
  const parts = words.split("; ");
  if (parts.length < 2) return null;
  const found = parts.map(known);
  return found.includes(null) ? null : found.join("; ");
}

function translated(words: string): string | null {
  const exact = catalogue?.said[words];
  if (exact !== undefined) return exact;
  for (const [pattern, places, translation] of patterns) {
    const values = valuesIn(words, pattern, places);
    if (values) return filled(translation, values);
  }
  return null;
}

/** What stands in the places of a pattern; null where it does not fit, or the reason in it is not known. */
function valuesIn(words: string, pattern: RegExp, places: string[]): Values | null {
  const match = pattern.exec(words);
  if (!match) return null;
  const values: Record<string, string> = {};
  for (const [index, place] of places.entries()) {
    const value = match[index + 1] ?? "";
    const shown = place.startsWith("why") ? known(value) : value;
    if (shown === null) return null;
    values[place] = shown;
  }
  return values;
}

function patternOf([words, translation]: [string, string]): [RegExp, string[], string] {
  const places = [...words.matchAll(PLACE)].map(([, name = ""]) => name);
  const source = words
    .split(PLACE)
    .map((part, index) => (index % 2 ? "([^]+?)" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return [new RegExp(`^${source}$`), places, translation];
}
