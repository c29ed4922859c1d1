// The folders of src: who may import whom. The rules are those of docs/architecture.md.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import * as events from "../src/schema/events";

const SRC = join(import.meta.dirname, "../src");

/** Each folder may import those above it. */
const LEVELS = [
  ["schema"],
  ["text"],
  ["ui", "jupyter"],
  ["live"],
  ["status", "outputs"],
  ["document"],
  ["history"],
  ["editor"],
  ["widgets", "cells"],
  ["lab"],
];

interface Import {
  from: string;
  to: string;
}

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
}

/** What a source imports of ours, as paths below src. */
function importsIn(file: string, source: string): Import[] {
  const found = source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map((match) => ({
    from: file,
    to: relative(SRC, join(SRC, dirname(file), match[1] ?? "")),
  }));
}

/** The folder that the rules are about; each widget is one by itself. */
function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "widgets" ? `${first}/${second}` : first;
}

function level(path: string): number {
  return LEVELS.findIndex((folders) => folders.includes(path.split("/")[0] ?? ""));
}

function isBreach({ from, to }: Import): boolean {
  return roomOf(from) !== roomOf(to) && level(to) >= level(from);
}

const OURS = files(SRC).filter((file) => file.includes("/"));

describe("the folders of src", () => {
  it("are those of the rules", () => {
    const folders = new Set(OURS.map((file) => file.split("/")[0]));
    expect([...folders].sort()).toEqual(LEVELS.flat().sort());
  });

  it("import what lies above them only", () => {
    const imports = OURS.flatMap((file) => importsIn(file, readFileSync(join(SRC, file), "utf8")));
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.filter(isBreach).map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it("reach into JupyterLab's widget manager in one file", () => {
    const reaching = OURS.filter((file) => readFileSync(join(SRC, file), "utf8").includes("widget_manager"));
    // The type of the model says that there is one.
    expect(reaching.sort()).toEqual(["jupyter/manager.ts", "jupyter/widget.ts"]);
  });

  it("name the events of the hub by the constants that are made of the Python ones", () => {
    const names = Object.values(events).filter(
      (value) => typeof value === "string" && /^[A-Z_]+$/.test(value),
    );
    const sources = OURS.filter((file) => !file.startsWith("schema/")).map((file) =>
      readFileSync(join(SRC, file), "utf8"),
    );
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => sources.some((source) => source.includes(`"${name}"`)))).toEqual([]);
  });

  it.each([
    ["live/lane.ts", 'import { EditorSlot } from "../editor/editor-slot";'],
    ["ui/elements.ts", 'import type { Model } from "../jupyter/widget";'],
    ["text/rebase.ts", 'export * from "../live/people";'],
    ["widgets/task_state/index.ts", 'const later = import("../code/index");'],
    ["outputs/mime.ts", 'import {\n  one,\n} from "../status/save-state";'],
  ])("%s may not contain %s", (file, source) => {
    expect(importsIn(file, source).filter(isBreach)).toHaveLength(1);
  });
});
