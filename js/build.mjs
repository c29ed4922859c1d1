// Writes the browser half into teaching_nb/widgets/static; with --watch again and again, unminified.
import { build, context } from "esbuild";
import { inOneFile } from "./bundling.mjs";

const OUT = new URL("../teaching_nb/widgets/static/", import.meta.url).pathname;
const options = { ...inOneFile, write: true, outdir: OUT, entryNames: "teaching", logLevel: "info" };

if (process.argv.includes("--watch")) await (await context({ ...options, minify: false })).watch();
else await build(options);
