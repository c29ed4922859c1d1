// CodeMirror for Python in the colours of the present Jupyter theme.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
} from "@codemirror/autocomplete";
import { defaultKeymap, indentLess, indentMore, insertTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
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

/** How long Tab leaves the editor after Escape, unless another key comes first. */
const LEAVE_WITHIN = 60_000;

/** Not for an Escape that closes a list of completions; other keymaps see the key in any case. */
function leaveOnTab(view: EditorView): boolean {
  if (completionStatus(view.state) !== "active") view.setTabFocusMode(LEAVE_WITHIN);
  return false;
}

/** Tab indents; Escape, then Tab, leaves: keyboard users are not trapped. */
function tabOrSpaces(view: EditorView): boolean {
  const { state } = view;
  if (state.selection.ranges.some((range) => !range.empty)) return indentMore(view);
  const line = state.doc.lineAt(state.selection.main.head);
  const isInIndent = line.text.slice(0, state.selection.main.head - line.from).trim() === "";
  return isInIndent
    ? indentMore(view)
    : state.facet(indentUnit) === "\t"
      ? insertTab(view)
      : insertSpaces(view);
}

function insertSpaces(view: EditorView): boolean {
  if (view.state.readOnly) return false;
  const head = view.state.selection.main.head;
  const column = head - view.state.doc.lineAt(head).from;
  const spaces = " ".repeat(4 - (column % 4));
  view.dispatch(
    view.state.update(view.state.replaceSelection(spaces), { userEvent: "input", scrollIntoView: true }),
  );
  return true;
}

export function pythonEditor(run: () => void): Extension[] {
  const start = () => {
    run();
    return true;
  };
  return [
    // First of all: completion takes every Escape while it is still looking for something to offer.
    Prec.highest(keymap.of([{ key: "Escape", run: leaveOnTab }])),
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
    // Words are offered, and taken when one has been chosen: Enter after "import time" begins a line, as in a cell.
    autocompletion({ selectOnOpen: false }),
    python(),
    syntaxHighlighting(highlighting),
    Prec.high(keymap.of([{ key: "Shift-Enter", run: start, preventDefault: true }])),
    keymap.of([...closeBracketsKeymap, ...completionKeymap]),
    keymap.of([{ key: "Tab", run: tabOrSpaces, shift: indentLess }, ...defaultKeymap]),
  ];
}
