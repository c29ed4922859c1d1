// CodeMirror for Python in the colours of the present Jupyter theme.
import {
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
} from "@codemirror/autocomplete";
import { defaultKeymap, indentLess, indentMore, insertTab } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import {
  bidiIsolates,
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import {
  crosshairCursor,
  type EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { leaveByEscape } from "../../editor/leaving";
import type { NameCompletion } from "./completion";
import { detectedIndentation } from "./indentation";

const color = (name: string) => ({ color: `var(--jp-mirror-editor-${name}-color)` });

/**
 * Theme colours only, and of those the ones that reach a contrast of 4.5:1 on the editor's ground in both
 * JupyterLab themes: its own `comment`, `atom`, `number`, `def` and `meta` do not.
 */
const highlighting = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], ...color("keyword"), fontWeight: "bold" },
  { tag: [tags.atom, tags.bool, tags.null, tags.operator], ...color("operator"), fontWeight: "bold" },
  { tag: [tags.number, tags.integer, tags.float], ...color("builtin") },
  { tag: [tags.standard(tags.variableName), tags.special(tags.variableName)], ...color("builtin") },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.className], ...color("property") },
  { tag: [tags.propertyName, tags.punctuation], ...color("property") },
  { tag: tags.variableName, ...color("variable") },
  { tag: [tags.comment, tags.lineComment], color: "var(--jp-content-font-color2)", fontStyle: "italic" },
  { tag: [tags.string, tags.docString, tags.invalid], ...color("string") },
  { tag: [tags.special(tags.string), tags.meta], ...color("string-2") },
]);

/**
 * Tab indents at the beginning of a line, and completes a name behind what has been typed; Escape, then Tab, leaves:
 * keyboard users are not trapped.
 */
function tab(view: EditorView, names: NameCompletion): boolean {
  const { state } = view;
  if (state.readOnly) return false;
  if (state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head);
  const before = line.text.slice(0, head - line.from);
  if (before.trim() === "") return indentMore(view);
  if (/\S$/.test(before)) return names.start(view);
  return state.facet(indentUnit) === "\t" ? insertTab(view) : insertSpaces(view);
}

function insertSpaces(view: EditorView): boolean {
  const head = view.state.selection.main.head;
  const column = head - view.state.doc.lineAt(head).from;
  const spaces = " ".repeat(4 - (column % 4));
  view.dispatch(
    view.state.update(view.state.replaceSelection(spaces), { userEvent: "input", scrollIntoView: true }),
  );
  return true;
}

/** End a list of completions; one that is still looked for is not seen, and ends without a word. */
function endList(view: EditorView): boolean {
  const isOpen = completionStatus(view.state) === "active";
  closeCompletion(view);
  return isOpen;
}

export function pythonEditor(run: () => void, names: NameCompletion): Extension[] {
  const start = () => {
    run();
    return true;
  };
  return [
    leaveByEscape(endList),
    lineNumbers(),
    highlightSpecialChars(),
    EditorState.allowMultipleSelections.of(true),
    EditorState.tabSize.of(4),
    detectedIndentation(),
    // A word from right to left in a string or comment leaves the code around it where it is.
    bidiIsolates(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    rectangularSelection(),
    crosshairCursor(),
    names.extension,
    pythonLanguage,
    syntaxHighlighting(highlighting),
    Prec.high(
      keymap.of(["Shift-Enter", "Mod-Enter"].map((key) => ({ key, run: start, preventDefault: true }))),
    ),
    keymap.of([...closeBracketsKeymap, ...completionKeymap]),
    keymap.of([{ key: "Tab", run: (view) => tab(view, names), shift: indentLess }, ...defaultKeymap]),
  ];
}
