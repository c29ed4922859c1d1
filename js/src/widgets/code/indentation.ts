// How a program is indented: with tabs where it uses tabs already, for Python does not take a mixture.
import { indentUnit } from "@codemirror/language";
import type { Extension, Text } from "@codemirror/state";

const SPACES = "    ";
/** A program says soon enough how it is indented. */
const LINES = 300;

/** The unit of indentation: what the first indented line begins with, a tab or spaces. Pure. */
export function unitOf(doc: Text): string {
  const last = Math.min(LINES, doc.lines);
  for (let number = 1; number <= last; number += 1) {
    const { text } = doc.line(number);
    if (!text.trim()) continue;
    if (text.startsWith("\t")) return "\t";
    if (text.startsWith("  ")) return SPACES;
  }
  return SPACES;
}

export function detectedIndentation(): Extension {
  return indentUnit.compute(["doc"], (state) => unitOf(state.doc));
}
