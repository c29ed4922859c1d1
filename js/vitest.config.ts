import { defineConfig } from "vitest/config";
// @ts-expect-error plain JavaScript, as the build that shares it
import { styles, widgets } from "./modules.mjs";

export default defineConfig({
  plugins: [styles(), widgets],
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
