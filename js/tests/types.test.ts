// @vitest-environment node
// What the compiler checks: every source, by one of the two configurations.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const JS = join(import.meta.dirname, "..");
const COMPILER = join(JS, "node_modules/.bin/tsc");

function checkedBy(project: string): string[] {
  const listed = execFileSync(COMPILER, ["--project", project, "--listFilesOnly"], {
    cwd: JS,
    encoding: "utf8",
  });
  return listed.split("\n").map((path) => relative(JS, path));
}

test("every source is checked", () => {
  const all = readdirSync(join(JS, "src"), { recursive: true, encoding: "utf8" });
  const sources = all.filter((name) => name.endsWith(".ts")).map((name) => join("src", name));
  const checked = new Set([".", "lab"].flatMap(checkedBy));

  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((name) => !checked.has(name))).toEqual([]);
}, 60_000);
