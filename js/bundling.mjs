// How the browser half is made of its sources: modules that a page loads as it needs them, and all of it in one file
// for pages that get it from the kernel. Used by build.mjs, and by the tests of what comes out.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { minify } from "@swc/core";
import { build, transformSync } from "esbuild";
import { catalogueOf, catalogues, styles, widgets } from "./modules.mjs";

const ENTRY = new URL("src/index.ts", import.meta.url).pathname;

/** Where pages begin: `page-HASH.js`, asked for by the loader. */
export const FIRST = "page";

// yjs warns of a second copy when it finds this marker on the page. JupyterLab has its own copy, and a kernel
// that outlives an upgrade brings ours in two versions; none of them ever meets another.
const YJS_MARKER = /(['"])__ \$YJS\$ __\1/;

const small = (css) => transformSync(css, { loader: "css", minify: true }).code.trim();

/** Folders of src/ that only JupyterLab's extension is made of. */
const OF_LAB = ["lab", "cells"];

/** The tests have the same plugins, whose interface is that of Rollup. `without` are folders that are not bundled. */
const shared = (without = []) => ({
  name: "shared",
  setup(hooks) {
    const styled = styles(small);
    hooks.onLoad({ filter: /\.css$/ }, ({ path }) => ({ contents: styled.load(path).code, loader: "js" }));
    hooks.onLoad({ filter: catalogues.filter }, ({ path }) => ({
      contents: catalogueOf(path, without).code,
      loader: "js",
    }));
    hooks.onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path, namespace: "virtual" }));
    hooks.onLoad({ filter: /.*/, namespace: "virtual" }, ({ path }) => ({
      contents: widgets.load(widgets.resolveId(path)),
      resolveDir: "/",
    }));
  },
});

/** What stands between the lines of our templates is for who reads the sources. */
const templates = {
  name: "templates",
  setup(hooks) {
    hooks.onLoad({ filter: /\/js\/src\/.*\.ts$/ }, ({ path }) => {
      const how = { loader: "ts", target: "es2022", charset: "utf8", minifyWhitespace: true };
      const { code } = transformSync(readFileSync(path, "utf8"), how);
      return { contents: code.replace(/\n +/g, " "), loader: "js" };
    });
  },
};

const ownYjsMarker = {
  name: "own-yjs-marker",
  setup(hooks) {
    hooks.onLoad({ filter: /\/yjs\/dist\/yjs\.mjs$/ }, ({ path }) => {
      const parts = readFileSync(path, "utf8").split(YJS_MARKER);
      if (parts.length !== 3) throw new Error(`expected yjs's marker once in ${path}`);
      return { contents: `${parts[0]}\`__ $YJS$ \${import.meta.url}\`${parts[2]}`, loader: "js" };
    });
  },
};

// yjs and lib0 name it in two ways.
const inBrowser = {
  name: "in-browser",
  setup(hooks) {
    const path = new URL("lib0-environment.mjs", import.meta.url).pathname;
    hooks.onResolve({ filter: /^(lib0|\.)\/environment(\.js)?$/ }, () => ({ path }));
  },
};

// A package is one file, and a file goes into the page whole where one of its functions is needed at once and others
// later. Under a second name it is another file, of which that function alone is taken.
const diffAlone = {
  name: "diff-alone",
  setup(hooks) {
    hooks.onResolve(
      { filter: /^@codemirror\/merge$/ },
      async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === diffAlone || !importer.endsWith("/text/merge.ts")) return;
        const found = await hooks.resolve(path, { importer, kind, resolveDir, pluginData: diffAlone });
        return { ...found, suffix: "?diff" };
      },
    );
  },
};

// Pages reach the hub by WebSocket (`live/hub-line.ts`): what else Socket.IO can would only be loaded.
const webSocketAlone = {
  name: "web-socket-alone",
  setup(hooks) {
    hooks.onLoad({ filter: /\/engine\.io-client\/build\/esm\/transports\/index\.js$/ }, ({ path }) => {
      const known = readFileSync(path, "utf8");
      if (!known.includes("websocket: WS,")) throw new Error(`expected the ways of Socket.IO in ${path}`);
      const contents = `import { WS } from "./websocket.node.js"; export const transports = { websocket: WS };`;
      return { contents, loader: "js" };
    });
    // Who has begun by WebSocket looks for no better way.
    hooks.onLoad({ filter: /\/engine\.io-client\/build\/esm\/socket\.js$/ }, ({ path }) => {
      const known = readFileSync(path, "utf8");
      const begin = known.indexOf("    _probe(name) {");
      const end = known.indexOf("    /**", begin);
      if (begin < 0 || end < 0) throw new Error(`expected Socket.IO's looking for a better way in ${path}`);
      return { contents: `${known.slice(0, begin)}    _probe() {}\n${known.slice(end)}`, loader: "js" };
    });
    // Nobody imports it then, but it listens to the end of the page.
    hooks.onResolve(
      { filter: /\/polling-xhr\.node\.js$/ },
      async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (pluginData === webSocketAlone) return;
        const found = await hooks.resolve(path, { importer, kind, resolveDir, pluginData: webSocketAlone });
        return { ...found, sideEffects: false };
      },
    );
  },
};

/**
 * What esbuild keeps of CodeMirror though nobody uses it, for it cannot see that making it does nothing else: its name,
 * and where it begins and ends. Made by a call that is marked as pure it goes, and is as before where it is used.
 */
const MADE_FOR_NOBODY = {
  "@codemirror/commands": [["HistoryState", "class HistoryState {", "HistoryState.empty = ", ";\n"]],
  "@codemirror/language": [
    ["defaultHighlightStyle", "const defaultHighlightStyle = ", "\n]);\n"],
    ["defaultTable", "const defaultTable = ", "defaultTable[legacyName] = ", ";\n"],
  ],
  "@codemirror/view": [
    ["BlockWrapper", "class BlockWrapper ", "BlockWrapper.prototype.startSide = ", ";\n"],
    ["hideNativeSelection", "const hideNativeSelection = ", "\n}));\n"],
  ],
  "@lezer/highlight": [["classHighlighter", "const classHighlighter = ", "\n]);\n"]],
};

function madeForWhoUsesIt(text, [name, ...marks]) {
  const [begin, end] = marks.reduce(([first, at], mark) => {
    const found = text.indexOf(mark, at);
    if (found < 0) throw new Error(`expected ${JSON.stringify(mark)} of ${name} in a package of CodeMirror`);
    return [first ?? found, found + mark.length];
  }, []);
  const made = `const ${name} = /*@__PURE__*/(() => {\n${text.slice(begin, end)}return ${name};\n})();\n`;
  return text.slice(0, begin) + made + text.slice(end);
}

const madeForNobody = {
  name: "made-for-nobody",
  setup(hooks) {
    const filter = /\/node_modules\/(@(?:codemirror|lezer)\/\w+)\/dist\/index\.js$/;
    hooks.onLoad({ filter }, ({ path }) => {
      const pieces = MADE_FOR_NOBODY[filter.exec(path)[1]];
      const text = pieces && readFileSync(path, "utf8");
      return pieces && { contents: pieces.reduce(madeForWhoUsesIt, text), loader: "js" };
    });
  },
};

// Widgets have formatted texts drawn by the front end: a second way would only be loaded.
const drawnByFrontEnd = {
  name: "drawn-by-front-end",
  setup(hooks) {
    const path = new URL("src/document/delta-plain.ts", import.meta.url).pathname;
    hooks.onResolve({ filter: /\/document\/delta-view$/ }, () => ({ path }));
  },
};

// JupyterLab's extension shows documents to whoever watches, and has no kernel to change them with.
const looksAlone = {
  name: "looks-alone",
  setup(hooks) {
    const path = new URL("src/document/watched-look.ts", import.meta.url).pathname;
    hooks.onResolve({ filter: /\/document\/document-widget$/ }, () => ({ path }));
  },
};

const options = {
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  write: false,
  metafile: true,
  // Its path is not used.
  outdir: "/static",
  alias: { "lib0/logging": new URL("yjs-logging.mjs", import.meta.url).pathname },
  plugins: [
    shared(OF_LAB),
    templates,
    ownYjsMarker,
    inBrowser,
    madeForNobody,
    webSocketAlone,
    drawnByFrontEnd,
  ],
};

// esbuild makes modules of the sources; SWC takes another hundredth out of them that the packages have left.
const SMALLER = { module: true, compress: { passes: 3, ecma: 2022 }, mangle: { toplevel: true } };

/** Names change with what a file holds, and so with all that it leads to: browsers may keep them for good. */
export const inParts = {
  ...options,
  entryPoints: { [FIRST]: ENTRY },
  splitting: true,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
};

export const inOneFile = { ...options, entryPoints: { whole: ENTRY } };

/** What stands on the page already: JupyterLab's packages, and the editor and Yjs that it shares with extensions. */
const JUPYTERLABS = [
  "@codemirror/language",
  "@codemirror/state",
  "@codemirror/view",
  "@jupyter/*",
  "@jupyterlab/*",
  "@lezer/common",
  "@lezer/highlight",
  "@lumino/*",
  "yjs",
];

/** The JupyterLab extension, for lab/build.mjs to wrap. */
export const forLab = {
  ...options,
  entryPoints: { index: new URL("src/lab/index.ts", import.meta.url).pathname },
  // What few notebooks need, such as the history, is loaded when it is shown.
  splitting: true,
  external: JUPYTERLABS,
  plugins: [shared(), templates, diffAlone, webSocketAlone, looksAlone],
};

/** How a small part begins: with what it imports from other parts, some of it without names, so that it is loaded. */
const IMPORTS = /^(?:import(?:\{[^}]*\}from)?"\.\/[\w-]+\.js";)+/;
const IMPORT = /import(\{[^}]*\}from)?"\.\/([\w-]+\.js)";/g;

/** Has each part import what it names. esbuild has it import without names, besides, all that this leads to. */
function namingOnce(texts) {
  const named = new Map();
  for (const [name, text] of texts) {
    const imports = [...(IMPORTS.exec(text)?.[0] ?? "").matchAll(IMPORT)];
    named.set(
      name,
      imports.flatMap(([, names, other]) => (names ? [other] : [])),
    );
  }
  const ledTo = (name, found = new Set()) => {
    for (const other of named.get(name)) if (!found.has(other)) ledTo(other, found.add(other));
    return found;
  };
  return texts.map(([name, text]) => {
    const led = ledTo(name);
    const kept = (whole, names, other) => (names || !led.has(other) ? whole : "");
    return [name, text.replace(IMPORTS, (imports) => imports.replace(IMPORT, kept))];
  });
}

/** Returns name → content, and the sources that it is made of; `imports` come with it, `later` when something is shown. */
export async function built(how) {
  const { outputFiles, metafile } = await build(how);
  const facts = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const named = (imports, kind) =>
    imports.filter((one) => one.kind === kind).map(({ path }) => basename(path));
  const small = async ({ path, text }) => [basename(path), (await minify(text, SMALLER)).code];
  const texts = how.minify ? new Map(namingOnce(await Promise.all(outputFiles.map(small)))) : null;
  return outputFiles.map(({ path, contents }) => {
    const name = basename(path);
    const { imports, inputs } = facts.get(name);
    const text = texts?.get(name);
    return {
      name,
      contents: text === undefined ? contents : Buffer.from(text),
      imports: named(imports, "import-statement").filter((other) => !text || text.includes(`"./${other}"`)),
      later: named(imports, "dynamic-import"),
      sources: Object.keys(inputs),
    };
  });
}
