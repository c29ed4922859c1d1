// Sentences in the language of the page: what is chosen, what is said, and that the catalogues are complete.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { speaker } from "../../src/text/de";
import { sentence } from "../../src/text/sentence";
import {
  type Catalogue,
  numberWords,
  said,
  saidIfKnown,
  speak,
  spokenLanguage,
  t,
} from "../../src/text/words";

const SRC = join(import.meta.dirname, "../../src");
const SOURCES = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && name !== "text/words.ts")
  .map((name) => [name, readFileSync(join(SRC, name), "utf8")] as const);
/** As it is written; pages have another form of it. */
const german = JSON.parse(readFileSync(join(SRC, "text/de.json"), "utf8")) as Catalogue;

afterEach(async () => {
  document.documentElement.lang = "";
  await speak();
});

describe("the language of the page", () => {
  test.each([
    ["de", "Gespeichert"],
    ["de-CH", "Gespeichert"],
    ["de_DE", "Gespeichert"],
    ["en", "Saved"],
    ["fr-FR", "Saved"],
    ["den", "Saved"],
    ["", "Saved"],
  ])("is that of the front end: “%s” says “%s”", async (lang, words) => {
    document.documentElement.lang = lang;
    await speak();

    expect(t("Saved")).toBe(words);
  });

  test("is not what the browser would like", async () => {
    vi.spyOn(navigator, "language", "get").mockReturnValue("de-DE");
    await speak();

    expect(t("Saved")).toBe("Saved");
    expect(spokenLanguage()).toBe("en");
  });
});

test("sentences in English need no catalogue", () => {
  expect(t("{name} has left.", { name: "Ann" })).toBe("Ann has left.");
  expect(t("Open @state")).toBe("Open");
  expect(t("1 change|{count} changes", { count: 1 })).toBe("1 change");
  expect(t("1 change|{count} changes", { count: 0 })).toBe("0 changes");
  expect(t("That did not work: {why}.", { why: "anything at all" })).toBe(
    "That did not work: anything at all.",
  );
  expect(said("all changes are saved")).toBe("all changes are saved");
  expect(numberWords(1000)).toBe("1,000");
  expect(numberWords(1.5e300)).toBe("1.5E300");
});

describe("in German", () => {
  beforeEach(() => speak("de-DE"));

  test("places are filled, also with what looks like a pattern", () => {
    expect(t("{name} has left.", { name: "$& {name}" })).toBe("$& {name} ist gegangen.");
  });

  test("one and many differ", () => {
    const words =
      "It differs from the present text in 1 place.|It differs from the present text in {count} places.";
    expect(t(words, { count: 1 })).toBe("Er unterscheidet sich vom jetzigen Text an 1 Stelle.");
    expect(t(words, { count: 2 })).toBe("Er unterscheidet sich vom jetzigen Text an 2 Stellen.");
  });

  test("a word of two meanings has two translations", () => {
    expect([t("Open @state"), t("Open")]).toEqual(["Offen", "Öffnen"]);
  });

  test.each([
    ["not connected to the hub", "nicht mit dem Hub verbunden"],
    [
      "the hub refuses: the document is read-only for you: RO_User",
      "der Hub lehnt ab: dieses Dokument darf nur gelesen werden: RO_User",
    ],
    [
      "connecting to the hub; your changes are kept and sent as soon as the hub can be reached",
      "Verbindung zum Hub wird aufgebaut; die Änderungen werden aufbewahrt und gesendet, sobald der Hub erreichbar ist",
    ],
    [
      "the hub refuses: data of a code document is a list, not an object",
      "der Hub lehnt ab: der Inhalt eines Dokuments vom Typ code ist kein Objekt, sondern eine Liste",
    ],
    [
      "a comment has at most 10000 characters, not 10001; say it in several comments",
      "ein Kommentar hat höchstens 10000 Zeichen, nicht 10001; ihn auf mehrere Kommentare verteilen",
    ],
    ["a comment has at most 10000 characters, not 9", "ein Kommentar hat höchstens 10000 Zeichen, nicht 9"],
    [
      "what you did here (assign) did not work: this answer has been assessed and can be changed no more.",
      "Das ging nicht (assign): diese Antwort wurde bewertet und kann nicht mehr geändert werden.",
    ],
    [
      "Left out here: 1 line (20 characters) and 3 outputs of another kind. A run shows its beginning and its end, 2,000 lines or 1,000,000 characters in all.",
      "Hier weggelassen: 1 Zeile (20 Zeichen) und 3 Ausgaben anderer Art. Eine Ausführung zeigt Anfang und Ende, zusammen 2000 Zeilen oder 1,000,000 Zeichen.",
    ],
  ])("what kernel and hub say is said: %s", (english, words) => {
    expect(said(english)).toBe(words);
  });

  test.each([
    "the hub refuses: something new",
    "connecting to the hub; something new",
    "what you did here (assign) did not work: something new.",
  ])("nobody reads half a sentence of each: %s", (english) => {
    expect(said(english)).toBe(english);
    expect(t("That did not work: {why}.", { why: english })).toBe(`That did not work: ${english}.`);
    expect(saidIfKnown(english)).toBe("");
  });

  test("a reason is translated with its sentence", () => {
    const words = t("Your change was not taken: {why}.", { why: "the kernel does not answer" });
    expect(words).toBe("Die Änderung wurde nicht übernommen: der Kernel antwortet nicht.");
    expect(sentence("all changes are saved")).toBe("Alle Änderungen sind gespeichert.");
    expect(sentence("")).toBe("");
  });

  test("numbers are written as there", () => {
    expect(numberWords(1000)).toBe("1.000");
  });
});

/** The first arguments of calls, as they are written. */
function keysOf(call: "t" | "phrase"): Set<string> {
  const found = new Set<string>();
  for (const [, source] of SOURCES)
    for (const [, literal = ""] of source.matchAll(
      new RegExp(`(?<![\\w.])${call}\\(\\s*("(?:[^"\\\\]|\\\\.)*")`, "g"),
    ))
      found.add(JSON.parse(literal) as string);
  return found;
}

const placesIn = (words: string) => [...new Set(words.match(/\{\w+\}/g) ?? [])].sort();

describe("the German catalogue", () => {
  test("has all that the page says, and nothing else", () => {
    const keys = keysOf("t");
    expect(keys.size).toBeGreaterThan(200);
    expect([...keys].filter((key) => !(key in german.page))).toEqual([]);
    expect(Object.keys(german.page).filter((key) => !keys.has(key))).toEqual([]);
  });

  test("has all that the page hands on as if others had said it", () => {
    expect([...keysOf("phrase")].filter((key) => !(key in german.said))).toEqual([]);
  });

  test("fills the same places, in the same forms", () => {
    const entries = Object.entries({ ...german.page, ...german.said });
    const differing = entries.filter(
      ([english, words]) =>
        !words ||
        String(placesIn(words)) !== String(placesIn(english)) ||
        words.split("|").length !== english.split("|").length,
    );
    expect(differing).toEqual([]);
  });
});

describe("sources", () => {
  test("name whole sentences", () => {
    // A key that is put together could not be looked for.
    const made = SOURCES.flatMap(
      ([name, source]) =>
        source.match(/(?<![\w.])(?:t|phrase)\(\s*[^")\s].*/g)?.map((call) => `${name}: ${call}`) ?? [],
    );
    expect(made).toEqual([]);
  });

  test("show no sentence past the catalogues", () => {
    const bare = SOURCES.flatMap(([name, source]) => bareIn(source).map((words) => `${name}: ${words}`));
    expect(bare).toEqual([]);
  });

  test.each([
    ['html`<p title="Look here">`', 1],
    ["html`<button>Try again</button>`", 1],
    ['const shown = { words: "Saved" };', 1],
    ["const shown = { words: `Saved` };", 1],
    [`const shown = { words: t("Saved") }; html\`<p title=${PLACE}>${PLACE}</p>\`;`, 0],
  ])("are told from each other: %s", (source, count) => {
    expect(bareIn(source)).toHaveLength(count);
  });
});

/** A place of a template. */
const PLACE = "$" + "{words}";

/** Words that a template shows as they stand, and those of objects that are shown. */
function bareIn(source: string): string[] {
  const attributes =
    source.match(/(?:aria-label|aria-valuetext|title|placeholder|alt)="[^"$]*\p{L}[^"]*"/gu) ?? [];
  const texts =
    source.match(
      /<(?:p|span|strong|button|h\d|li|label|small|legend|b|div)\b[^<>]*>\s*\p{Lu}\p{Ll}[^<$]*/gu,
    ) ?? [];
  const values =
    source.match(/\b(?:words|detail|label|caption|warning|really|hint|copy): ["`]\p{Lu}.*/gu) ?? [];
  return [...attributes, ...texts, ...values];
}

test("each sentence of kernel and hub has its own translation: none that says less stands before it", () => {
  const { known } = speaker;
  const why = Object.keys(german.said).find((words) => !words.includes("{")) ?? "";
  const filledWith = (words: string) =>
    words.replace(/\{(\w+)\}/g, (_place, name: string) => (name.startsWith("why") ? why : `<${name}>`));
  const wrong = Object.entries(german.said).flatMap(([words, translation]) => {
    const wanted = translation.replace(/\{(\w+)\}/g, (_place, name: string) =>
      name.startsWith("why") ? String(known(why)) : `<${name}>`,
    );
    return known(filledWith(words)) === wanted ? [] : [words];
  });

  expect(wrong).toEqual([]);
});
