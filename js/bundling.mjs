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
  plugins: [shared(OF_LAB), templates, ownYjsMarker, inBrowser, webSocketAlone, drawnByFrontEnd],
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

/** The JupyterLab extension, for lab/build.mjs to wrap: that makes it small. */
export const forLab = {
  ...options,
  entryPoints: { index: new URL("src/lab/index.ts", import.meta.url).pathname },
  // What few notebooks need, such as the history, is loaded when it is shown.
  splitting: true,
  external: JUPYTERLABS,
  minify: false,
  plugins: [shared(), templates, diffAlone, webSocketAlone, looksAlone],
};

/** Returns name → content, and the sources that it is made of; `imports` come with it, `later` when something is shown. */
export async function built(how) {
  const { outputFiles, metafile } = await build(how);
  const facts = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const named = (imports, kind) =>
    imports.filter((one) => one.kind === kind).map(({ path }) => basename(path));
  const made = outputFiles.map(async ({ path, contents, text }) => {
    const { imports, inputs } = facts.get(basename(path));
    return {
      name: basename(path),
      contents: how.minify ? Buffer.from((await minify(text, SMALLER)).code) : contents,
      imports: named(imports, "import-statement"),
      later: named(imports, "dynamic-import"),
      sources: Object.keys(inputs),
    };
  });
  return Promise.all(made);
}
