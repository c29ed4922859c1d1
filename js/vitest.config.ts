import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
// @ts-expect-error plain JavaScript, as the build that shares it
import { styles, widgets } from "./modules.mjs";

// The build of lit-html that pages get. Vitest adds the condition "development" to any others, and the build for that
// warns of itself in each file of tests.
const lit = fileURLToPath(new URL("node_modules/lit-html/", import.meta.url));

export default defineConfig({
  plugins: [styles(), widgets],
  resolve: {
    alias: [
      { find: /^lit-html$/, replacement: `${lit}lit-html.js` },
      { find: /^lit-html\//, replacement: lit },
    ],
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
