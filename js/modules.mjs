// What build and tests make modules of, besides TypeScript: style sheets as text, and the list of all widgets.
import { readdirSync, readFileSync } from "node:fs";

const WIDGETS = new URL("src/widgets/", import.meta.url);
const LIST = "virtual:widgets";
const LOADED_LIST = `\0${LIST}`;

/** A widget is a folder with an index.ts: nothing else lists them. */
function listOfWidgets() {
  const folders = readdirSync(WIDGETS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const loaders = folders.map(({ name }) => {
    const path = new URL(`${name}/index.ts`, WIDGETS).pathname;
    return `  ${JSON.stringify(name)}: () => import(${JSON.stringify(path)}),`;
  });
  return `export const WIDGETS = {\n${loaders.join("\n")}\n};\n`;
}

export const widgets = {
  name: "widgets",
  resolveId: (id) => (id === LIST ? LOADED_LIST : undefined),
  load: (id) => (id === LOADED_LIST ? listOfWidgets() : undefined),
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
