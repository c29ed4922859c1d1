// What build and tests make modules of, besides TypeScript: style sheets as text, catalogues of languages, and the lists of
// what the folders below src/widgets hold. Nothing else lists them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { sentenceKey } from "./src/text/sentence-key.mjs";

const SOURCES = new URL("src/", import.meta.url);
const FOLDERS = new URL("src/widgets/", import.meta.url);
/** A widget of plain data has a look for whoever watches. */
const HAS_LOOK = /\bdocumentWidget\(/;

/** The folders that have a file, with its path. */
function having(file) {
  return readdirSync(FOLDERS)
    .map((name) => [name, new URL(`${name}/${file}`, FOLDERS).pathname])
    .filter(([, path]) => existsSync(path));
}

function loaded(name, found) {
  const loaders = found.map(
    ([type, path]) => `  ${JSON.stringify(type)}: () => import(${JSON.stringify(path)}),`,
  );
  return `export const ${name} = {\n${loaders.join("\n")}\n};\n`;
}

function together(name, found, word) {
  const imports = found.map(
    ([, path], index) => `import { ${word} as one${index} } from ${JSON.stringify(path)};`,
  );
  const entries = found.map(([type], index) => `  ${JSON.stringify(type)}: one${index},`);
  return `${imports.join("\n")}\nexport const ${name} = {\n${entries.join("\n")}\n};\n`;
}

const LISTS = {
  /** A widget is a folder with an index.ts. */
  "virtual:widgets": () => loaded("WIDGETS", having("index.ts")),
  /** What types look like for whoever watches: of those that have a widget, and of others. */
  "virtual:looks": () => {
    const own = having("look.ts");
    const others = having("index.ts").filter(
      ([name, path]) => !own.some(([type]) => type === name) && HAS_LOOK.test(readFileSync(path, "utf8")),
    );
    return loaded("LOOKS", [...own, ...others]);
  },
  /** What types say in lists; all in one part, for they are small. */
  "virtual:states": () => together("STATES", having("state.ts"), "state"),
};

export const widgets = {
  name: "widgets",
  resolveId: (id) => (id in LISTS ? `\0${id}` : undefined),
  load: (id) => LISTS[id.replace("\0", "")]?.(),
};

/** `shorten` is what makes a style sheet small. */
export function styles(shorten = (css) => css) {
  return {
    name: "styles",
    enforce: "pre",
    load(id) {
      if (!id.endsWith(".css")) return undefined;
      const text = shorten(readFileSync(id, "utf8"));
      return { code: `export default ${JSON.stringify(text)}`, moduleType: "js" };
    },
  };
}

const CATALOGUE = /\/src\/text\/\w+\.json$/;

/** Sentences have numbers for keys, as pages look for them; those of others that have places are compared as they are. */
function withKeys({ page, said }) {
  return {
    page: keyed(page, sentenceKey),
    said: keyed(said, (words) => (words.includes("{") ? words : sentenceKey(words))),
  };
}

/** Sentences of the page that sources say, but for those in some folders of src/. */
function saidOutside(folders) {
  const names = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !folders.some((folder) => name.startsWith(`${folder}/`)),
  );
  const said = names.flatMap((name) => [...readFileSync(new URL(name, SOURCES), "utf8").matchAll(SENTENCE)]);
  return new Set(said.map(([, literal]) => JSON.parse(literal)));
}

/** What `t` is called with; the tests hold that it is always a literal. */
const SENTENCE = /(?<![\w.])t\(\s*("(?:[^"\\]|\\.)*")/g;

function keyed(sentences, keyOf) {
  const found = Object.fromEntries(Object.entries(sentences).map(([words, own]) => [keyOf(words), own]));
  if (Object.keys(found).length !== Object.keys(sentences).length)
    throw new Error("two sentences have the same key: say one of them otherwise, or change sentence-key.mjs");
  return found;
}

/** `without` names folders of src/ that do not come with a catalogue: neither do the sentences that only they say. */
export function catalogueOf(path, without = []) {
  const { page, said } = JSON.parse(readFileSync(path, "utf8"));
  const wanted = without.length ? saidOutside(without) : null;
  const kept = Object.entries(page).filter(([words]) => !wanted || wanted.has(words));
  const catalogue = withKeys({ page: Object.fromEntries(kept), said });
  return { code: `export default ${JSON.stringify(catalogue)}`, moduleType: "js" };
}

export const catalogues = {
  name: "catalogues",
  enforce: "pre",
  filter: CATALOGUE,
  load: (id) => (CATALOGUE.test(id) ? catalogueOf(id) : undefined),
};
