// What kernel and hub say, in another language than theirs. It comes with the catalogue of that language: pages in English
// have no use for it.
import { sentenceKey } from "./sentence-key.mjs";
import { type Catalogue, filled, PLACE, type Speaker } from "./words";

export function speakerOf({ page, said }: Catalogue): Speaker {
  /** What has been said → the same in the language of the page, null where that is not known. */
  const translations = new Map<string, string | null>();
  const patterns = Object.entries(said)
    .filter(([words]) => words.includes("{"))
    .map(patternOf);

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
    const exact = said[sentenceKey(words)];
    if (exact !== undefined) return exact;
    for (const [pattern, places, translation] of patterns) {
      const values = valuesIn(words, pattern, places);
      if (values) return filled(translation, values);
    }
    return null;
  }

  /** What stands in the places of a pattern; null where it does not fit, or a reason in it is not known. */
  function valuesIn(words: string, pattern: RegExp, places: string[]): Record<string, string> | null {
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

  return { page, known };
}

function patternOf([words, translation]: [string, string]): [RegExp, string[], string] {
  const places = [...words.matchAll(PLACE)].map(([, name = ""]) => name);
  const source = words
    .split(PLACE)
    .map((part, index) => (index % 2 ? "([^]+?)" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  return [new RegExp(`^${source}$`), places, translation];
}
