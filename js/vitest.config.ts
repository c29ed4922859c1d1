import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

// The bundle has style sheets as text; so do the tests.
const cssAsText = {
  name: "css-as-text",
  enforce: "pre" as const,
  load(id: string) {
    return id.endsWith(".css") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}` : undefined;
  },
};

export default defineConfig({
  plugins: [cssAsText],
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
