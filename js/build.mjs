// Writes the browser half into teaching_nb/widgets/static; with --watch again and again, unminified.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { context } from "esbuild";
import { built, inOneFile, inParts } from "./bundling.mjs";

const OUT = new URL("../teaching_nb/widgets/static/", import.meta.url);

/** All of it in one file. Written last: by its age `make` and pip see that everything is built. */
const WHOLE = "teaching.js";

function removeAllBut(names) {
  mkdirSync(OUT, { recursive: true });
  const old = readdirSync(OUT).filter((name) => name.endsWith(".js") && !names.includes(name));
  for (const name of old) rmSync(new URL(name, OUT));
}

if (process.argv.includes("--watch")) {
  removeAllBut([]);
  await (await context({ ...inParts, minify: false, write: true, outdir: OUT.pathname })).watch();
} else {
  const [parts, [whole]] = await Promise.all([built(inParts), built(inOneFile)]);
  removeAllBut(parts.map(({ name }) => name));
  for (const { name, contents } of parts) writeFileSync(new URL(name, OUT), contents);
  writeFileSync(new URL(WHOLE, OUT), whole.contents);
  const sizes = parts.map(({ name, contents }) => [contents.length, name]).sort(([a], [b]) => b - a);
  for (const [size, name] of sizes) console.log(`${String(size).padStart(9)} ${name}`);
  console.log(`${String(sizes.reduce((sum, [size]) => sum + size, 0)).padStart(9)} together`);
}
