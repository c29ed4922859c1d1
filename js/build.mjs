// Builds all widgets into one ES module, teaching_nb/widgets/static/teaching.js.
import { readFile, writeFile } from "node:fs/promises";
import { build, context } from "esbuild";

const OUT = new URL("../teaching_nb/widgets/static/teaching.js", import.meta.url).pathname;

// yjs warns of a second copy when it finds this marker on the page. JupyterLab has its own copy, and a kernel
// that outlives an upgrade brings ours in two versions; none of them ever meets another.
const YJS_MARKER = '"__ $YJS$ __"';

const ownYjsMarker = {
  name: "own-yjs-marker",
  setup(hooks) {
    hooks.onEnd(async (result) => {
      if (result.errors.length) return;
      const code = await readFile(OUT, "utf8");
      if (code.split(YJS_MARKER).length !== 2) throw new Error(`expected ${YJS_MARKER} once in the bundle`);
      await writeFile(OUT, code.replace(YJS_MARKER, `\`__ $YJS$ \${import.meta.url}\``));
    });
  },
};

const options = {
  entryPoints: [new URL("src/index.ts", import.meta.url).pathname],
  outfile: OUT,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: !process.argv.includes("--watch"),
  legalComments: "none",
  loader: { ".css": "text" },
  logLevel: "info",
  plugins: [ownYjsMarker],
};

if (process.argv.includes("--watch")) await (await context(options)).watch();
else await build(options);
