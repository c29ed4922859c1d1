// How the browser half is made of its sources.
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { styles, widgets } from "./modules.mjs";

const ENTRY = new URL("src/index.ts", import.meta.url).pathname;

// yjs warns of a second copy when it finds this marker on the page. JupyterLab has its own copy, and a kernel
// that outlives an upgrade brings ours in two versions; none of them ever meets another.
const YJS_MARKER = /(['"])__ \$YJS\$ __\1/;

const small = (css) => transformSync(css, { loader: "css", minify: true }).code.trim();

/** The tests have the same plugins, whose interface is that of Rollup. */
const shared = {
  name: "shared",
  setup(hooks) {
    const styled = styles(small);
    hooks.onLoad({ filter: /\.css$/ }, ({ path }) => ({ contents: styled.load(path).code, loader: "js" }));
    hooks.onResolve({ filter: /^virtual:/ }, ({ path }) => ({ path, namespace: "virtual" }));
    hooks.onLoad({ filter: /.*/, namespace: "virtual" }, ({ path }) => ({
      contents: widgets.load(widgets.resolveId(path)),
      resolveDir: "/",
    }));
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

const options = {
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
  write: false,
  // Its path is not used.
  outdir: "/static",
  plugins: [shared, ownYjsMarker],
};

export const inOneFile = { ...options, entryPoints: { whole: ENTRY } };
