// @vitest-environment node
// What the build makes: which modules a page loads when, and how much that is.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
// @ts-expect-error plain JavaScript, as the build that shares it
import * as bundling from "../bundling.mjs";
// @ts-expect-error as above
import { catalogues } from "../modules.mjs";
import { sentenceKey } from "../src/text/sentence-key.mjs";

interface Part {
  name: string;
  contents: Uint8Array;
  imports: string[];
  later: string[];
  sources: string[];
}

/** As the build tools of the web write sizes: kB of 1,024 bytes. */
const KB = 1024;
const FOR_A_TASK = 60 * KB;
/** All that widgets share, editor and history and all; on the average each may take some more. */
const SHARED = 675 * KB;
const FOR_EACH_WIDGET = 4 * KB;
/** What a page loads besides that speaks another language than English. */
const FOR_A_LANGUAGE = 50 * KB;

const FOLDERS = join(import.meta.dirname, "../src/widgets");
/** Some types are only looked at. */
const TYPES = readdirSync(FOLDERS).length;
const WIDGETS = readdirSync(FOLDERS).filter((name) => existsSync(join(FOLDERS, name, "index.ts")));

/** In a page of JupyterLab that opens a notebook with live cells, before JupyterLab's wrapping; a browser test packs what comes out. */
const FOR_LIVE_CELLS = 184 * KB;

let parts: Map<string, Part>;
let whole: Part;
let inLab: Part[];

beforeAll(async () => {
  const [inParts, [inOneFile], forLab] = await Promise.all([
    bundling.built(bundling.inParts) as Promise<Part[]>,
    bundling.built(bundling.inOneFile) as Promise<[Part]>,
    bundling.built(bundling.forLab) as Promise<Part[]>,
  ]);
  inLab = forLab;
  parts = new Map(inParts.map((part) => [part.name, part]));
  whole = inOneFile;
}, 60_000);

function partOf(name: string, built = parts): Part {
  const part = built.get(name);
  if (!part) throw new Error(`there is no ${name}`);
  return part;
}

/** A module and all that comes with it. */
function withImports(name: string, built = parts, found = new Set<Part>()): Set<Part> {
  const part = partOf(name, built);
  if (found.has(part)) return found;
  found.add(part);
  for (const imported of part.imports) if (built.has(imported)) withImports(imported, built, found);
  return found;
}

/** Everything that a page loads that shows this widget, before anything is pressed. */
function loadedFor(widget: string): Part[] {
  const first = [...parts.keys()].find((name) => name.startsWith(`${bundling.FIRST}-`)) as string;
  const chosen = partOf(first).later.filter((name) =>
    partOf(name).sources.some((source) => source.endsWith(`widgets/${widget}/index.ts`)),
  );
  expect(chosen).toHaveLength(1);
  return [...new Set([first, ...chosen].flatMap((name) => [...withImports(name)]))];
}

function sizeOf(loaded: Iterable<Part>): number {
  return [...loaded].reduce((size, { contents }) => size + contents.length, 0);
}

const isCatalogue = ({ sources }: Part) => sources.some((source) => /\/text\/\w+\.json$/.test(source));

function holds(loaded: Part[], source: string): boolean {
  return loaded.some(({ sources }) => sources.some((each) => each.includes(source)));
}

const textOf = ({ contents }: Part) => new TextDecoder().decode(contents);

describe("the modules that are built", () => {
  test("are small enough for a page with one tick of a task", () => {
    expect(sizeOf(loadedFor("task_state"))).toBeLessThanOrEqual(FOR_A_TASK);
  });

  test("are small enough all together, in one language", () => {
    const inEnglish = [...parts.values()].filter((part) => !isCatalogue(part));
    expect(sizeOf(inEnglish)).toBeLessThanOrEqual(SHARED + TYPES * FOR_EACH_WIDGET);
  });

  test("have another language in a part of its own, which a page in English does not load", () => {
    const catalogues = [...parts.values()].filter(isCatalogue);
    expect(catalogues).toHaveLength(1);
    expect(sizeOf(catalogues)).toBeLessThanOrEqual(FOR_A_LANGUAGE);
    for (const widget of WIDGETS) expect(loadedFor(widget).filter(isCatalogue)).toEqual([]);
  });

  test("have what they say in another language, and not what only JupyterLab's extension says", () => {
    const [ours] = [...parts.values()].filter(isCatalogue).map(textOf);
    const [labs] = inLab.filter(isCatalogue).map(textOf);
    const has = (text: string | undefined, words: string) => text?.includes(sentenceKey(words));
    for (const words of ["Saved", "Run the cell again", "Your answer"])
      expect(has(ours, words), words).toBe(true);
    for (const words of ["Make this cell live", "Live cells"]) {
      expect(has(ours, words), words).toBe(false);
      expect(has(labs, words), words).toBe(true);
    }
    expect(has(labs, "Saved")).toBe(true);
  });

  test("have no catalogue in which two sentences have one key", () => {
    const folder = mkdtempSync(join(tmpdir(), "teaching-nb-"));
    const path = join(folder, "src/text/xx.json");
    mkdirSync(join(folder, "src/text"), { recursive: true });
    // Two words that FNV-1a takes for one.
    writeFileSync(path, JSON.stringify({ page: { costarring: "1", liquid: "2" }, said: {} }));

    expect(() => catalogues.load(path)).toThrow("two sentences have the same key");
    rmSync(folder, { recursive: true });
  });

  test.each(WIDGETS)("hold what “%s” needs", (widget) => {
    expect(holds(loadedFor(widget), `widgets/${widget}/`)).toBe(true);
  });

  test.each([
    ["an editor", "@codemirror/view", ["code", "quill_v2", "string"]],
    ["shared text", "yjs/dist", ["code", "quill_v2", "string"]],
    ["Python", "@lezer/python", ["code"]],
    ["marks of differences", "@codemirror/merge", []],
    ["the panel of the history", "history/history-panel", []],
    ["the connection to the hub", "socket.io-client", []],
  ])("load %s only where it is shown", (_what, source, wanted) => {
    expect(WIDGETS.filter((widget) => holds(loadedFor(widget), source))).toEqual(wanted);
    expect(holds([...parts.values()], source)).toBe(true);
  });

  test("take of Socket.IO the way that they go", () => {
    expect(holds([...parts.values()], "engine.io-client/build/esm/transports/websocket.js")).toBe(true);
    for (const other of ["polling", "webtransport"])
      expect(holds([...parts.values()], `engine.io-client/build/esm/transports/${other}`)).toBe(false);
  });

  test.each([
    ["another undo than ours", "joinToEvent"],
    ["languages without a grammar", "variable-2"],
    ["colours of another theme", "tok-keyword"],
  ])("have nothing of CodeMirror that nobody uses: %s", (_what, words) => {
    expect([...parts.values()].filter((part) => textOf(part).includes(words))).toEqual([]);
  });

  test("import without names only what no other import leads to", () => {
    for (const part of parts.values()) {
      const named = [...textOf(part).matchAll(/import\{[^}]*\}from"\.\/([\w-]+\.js)"/g)];
      const led = new Set(named.flatMap(([, name]) => [...withImports(name as string)]));
      const unnamed = [...textOf(part).matchAll(/import"\.\/([\w-]+\.js)"/g)].map(
        ([, name]) => name as string,
      );

      expect(unnamed.filter((name) => led.has(partOf(name)))).toEqual([]);
    }
  });

  test("have names that change with what they hold", () => {
    for (const name of parts.keys()) expect(name).toMatch(/^[\w-]+-[A-Z0-9]{8}\.js$/);
  });

  test("have one copy of yjs, which knows no other", () => {
    const marked = [...parts.values()].filter((part) => textOf(part).includes("__ $YJS$"));

    expect(marked).toHaveLength(1);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how it is written
    expect(marked.map((part) => textOf(part).split("`__ $YJS$ ${import.meta.url}`").length)).toEqual([2]);
    expect(textOf(whole).split("__ $YJS$")).toHaveLength(2);
  });

  test("are one without imports for a page that gets it from the kernel", () => {
    expect(whole.imports).toEqual([]);
    expect(whole.later).toEqual([]);
    for (const widget of WIDGETS) expect(holds([whole], `widgets/${widget}/`)).toBe(true);
  });
});

describe("the extension for JupyterLab", () => {
  let atOnce: Part[];

  beforeAll(() => {
    const built = new Map(inLab.map((part) => [part.name, part]));
    const connecting = inLab.find(({ sources }) =>
      sources.some((source) => source.includes("/socket.io-client/")),
    );
    atOnce = ["index.js", connecting?.name ?? ""].flatMap((name) => [...withImports(name, built)]);
  });

  test("is small enough for a notebook with live cells", () => {
    expect(sizeOf(atOnce)).toBeLessThanOrEqual(FOR_LIVE_CELLS);
  });

  test.each([
    ["the panel of the history", "history/history-panel"],
    ["marks of differences", "history/version-view"],
    ["the dialog of a cell that is to be live", "lab/change-mark"],
    ["the form of the dialog", "lab/mark-form"],
    ["the questions about a course", "lab/course-questions"],
    ["what the panel at the left shows", "lab/class-view"],
    ["what tells teachers of last runs", "lab/run-reports"],
    ["the rooms of a teacher", "lab/class-rooms"],
    ["a text that is watched", "lab/watched-view"],
    ["what keeps texts that no hub has seen", "cells/untold-keeping"],
    ["the boxes with texts that are not shared", "cells/trouble-boxes"],
    ["another language than English", "text/de.json"],
  ])("loads %s when it is shown", (_what, source) => {
    expect(holds(atOnce, source)).toBe(false);
    expect(holds(inLab, source)).toBe(true);
  });

  test("takes what finds differences without what shows them", () => {
    const [merge, ...others] = atOnce.flatMap(({ sources }) =>
      sources.filter((source) => source.includes("/merge/dist/")),
    );

    expect(merge).toMatch(/\?diff$/);
    expect(others).toEqual([]);
  });
});
