// Makes the JupyterLab extension: esbuild bundles what is ours, JupyterLab's own builder wraps it for its pages.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { built, forLab } from "../bundling.mjs";

const HERE = new URL("./", import.meta.url);
const EXTENSION = new URL("extension", HERE);
const BUILDER = fileURLToPath(new URL("node_modules/@jupyter/builder/lib/build-labextension.js", HERE));
/** Says which packages are JupyterLab's, and are taken from the page. */
const CORE = fileURLToPath(new URL("node_modules/@jupyterlab/core-meta/core.package.json", HERE));

const lib = new URL("extension/lib/", HERE);
rmSync(lib, { recursive: true, force: true });
mkdirSync(lib, { recursive: true });
for (const { name, contents } of await built(forLab)) writeFileSync(new URL(name, lib), contents);
execFileSync(process.execPath, [BUILDER, "--core-package-file", CORE, fileURLToPath(EXTENSION)], {
  cwd: fileURLToPath(EXTENSION),
  stdio: ["ignore", "ignore", "inherit"],
});
// Says who has installed it. It stands where JupyterLab looks for it, also when that is a link to this folder.
copyFileSync(new URL("install.json", HERE), new URL("built/install.json", HERE));
