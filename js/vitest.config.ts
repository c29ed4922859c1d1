import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
// @ts-expect-error plain JavaScript, as the build that shares it
import { catalogues, styles, widgets } from "./modules.mjs";

// The build of lit-html that pages get. Vitest adds the condition "development" to any others, and the build for that
// warns of itself in each file of tests.
const lit = fileURLToPath(new URL("node_modules/lit-html/", import.meta.url));

const ALL = ["tests/**/*.test.ts"];
// They test what asks for no window and no document. Making a page takes longer than most of them.
const WITHOUT_PAGE = [
  "tests/{build,imports}.test.ts",
  "tests/cells/{class-list,fates,last-run,line-ends,mark,notices,reconcile}.test.ts",
  "tests/document/{fitting,netpbm,states}.test.ts",
  "tests/history/history-words.test.ts",
  "tests/jupyter/channel.test.ts",
  "tests/live/!(kept-text).test.ts",
  "tests/status/save-state.test.ts",
  "tests/text/{document-size,rebase,written}.test.ts",
];

export default defineConfig({
  plugins: [styles(), catalogues, widgets],
  resolve: {
    alias: [
      { find: /^lit-html$/, replacement: `${lit}lit-html.js` },
      { find: /^lit-html\//, replacement: lit },
    ],
  },
  test: {
    // Only what hangs is to be ended: on a busy machine the first test of a file takes seconds.
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: "page", environment: "happy-dom", include: ALL, exclude: WITHOUT_PAGE },
      },
      { extends: true, test: { name: "no page", environment: "node", include: WITHOUT_PAGE } },
    ],
  },
});
