// Names for whoever types or presses Tab: those that the kernel knows, and while it runs something, those of the
// text and of Python. What is offered is taken when somebody has chosen it: Enter alone begins a line.
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  completionStatus,
  currentCompletions,
  insertCompletionText,
  moveCompletionSelection,
  pickedCompletion,
  selectedCompletionIndex,
  startCompletion,
} from "@codemirror/autocomplete";
import { localCompletionSource } from "@codemirror/lang-python";
import { type Extension, Prec, type Text } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import type { KernelNames, KnownName, Names } from "./kernel-names";
import { PYTHON_NAMES } from "./python-names";

const WORD = /[\p{L}\p{N}_]*$/u;
const OFFERED_AT = /(?:[\p{L}_][\p{L}\p{N}_]*|[\p{L}\p{N}_)\]]\.)$/u;
const TEXTS = ["String", "FormatString", "Comment"];

/** What CodeMirror has symbols for. */
const SYMBOLS: Record<string, string> = {
  attribute: "property",
  class: "class",
  function: "function",
  keyword: "keyword",
  magic: "function",
  module: "namespace",
  path: "text",
  property: "property",
};

export class NameCompletion {
  /** Where Tab was pressed: it takes the only name that fits there. */
  private tab: { doc: Text; head: number } | null = null;

  constructor(private readonly kernel: KernelNames) {}

  get extension(): Extension {
    return [
      autocompletion({
        selectOnOpen: false,
        // It is for lists whose first name is chosen as soon as they open.
        interactionDelay: 0,
        // Only names that begin with what has been typed.
        filterStrict: true,
        override: [(context) => this.offer(context)],
        tooltipClass: () => "tnb-names",
      }),
      // Before the keys that complete and indent.
      Prec.high(keymap.of([{ key: "Tab", run: chooseNext, shift: choosePrevious }])),
    ];
  }

  /** Look for names because of the Tab key. */
  start(view: EditorView): boolean {
    this.tab = { doc: view.state.doc, head: view.state.selection.main.head };
    return startCompletion(view);
  }

  private async offer(context: CompletionContext): Promise<CompletionResult | null> {
    if (!context.explicit && !isWorthOffering(context)) return null;
    const found = await this.found(context);
    if (!found || context.aborted || !context.view) return null;
    const isTaken = this.isAskedByTab(context.view) && takeOnly(context, context.view, found);
    return isTaken ? null : found;
  }

  private async found(context: CompletionContext): Promise<CompletionResult | null> {
    // CodeMirror goes on with a question that is under way when Tab is pressed.
    const isAsked = () => context.explicit || (context.view !== undefined && this.isAskedByTab(context.view));
    const wish = { isAsked, isWanted: () => !context.aborted };
    const known = await this.kernel.at(context.state.sliceDoc(), context.pos, wish);
    if (context.aborted) return null;
    return known ? offered(context, known) : ofText(context);
  }

  private isAskedByTab({ state }: EditorView): boolean {
    return this.tab?.doc === state.doc && this.tab.head === state.selection.main.head;
  }
}

/** Numbers, strings and comments are typed in peace. */
function isWorthOffering(context: CompletionContext): boolean {
  return context.matchBefore(OFFERED_AT) !== null && context.tokenBefore(TEXTS) === null;
}

/** The kernel's names, as an editor shows them, and those of the text that it has not run yet. */
function offered(context: CompletionContext, { from, to, names }: Names): CompletionResult | null {
  const typed = context.state.sliceDoc(from, context.pos);
  // IPython may say what stands before the last dot again.
  const lead = typed.replace(WORD, "");
  const fitting = names.filter(({ text }) => beginsWith(text, typed));
  const known = fitting.map(({ text, type }) => asOption({ text: text.slice(lead.length), type }));
  const options = distinct([...known, ...localNames(context, from + lead.length)]);
  return options.length ? { from: from + lead.length, to, options, validFor: WORD } : null;
}

function asOption({ text, type }: KnownName): Completion {
  // Names that begin with an underscore are hardly ever meant.
  return { label: text, type: SYMBOLS[type] ?? "variable", ...(text.startsWith("_") ? { boost: -99 } : {}) };
}

/** The names of the text itself, and those that every Python has. */
function ofText(context: CompletionContext): CompletionResult | null {
  const from = context.matchBefore(WORD)?.from ?? context.pos;
  if (isBehindDot(context, from) || context.tokenBefore(TEXTS)) return null;
  const options = distinct([...localNames(context, from), ...PYTHON_NAMES]);
  return options.length ? { from, options, validFor: WORD } : null;
}

function localNames(context: CompletionContext, from: number): readonly Completion[] {
  const local = isBehindDot(context, from) ? null : localCompletionSource(context);
  return local?.from === from ? local.options : [];
}

/** Only the kernel knows what an object has. */
function isBehindDot({ state }: CompletionContext, from: number): boolean {
  return state.sliceDoc(from - 1, from) === ".";
}

/** Each name once, as it is said first. */
function distinct(options: readonly Completion[]): Completion[] {
  return [...new Map([...options].reverse().map((option) => [option.label, option])).values()].reverse();
}

/** Put the only name there that fits what has been typed by now; false where there is none. */
function takeOnly(context: CompletionContext, view: EditorView, found: CompletionResult): boolean {
  const { from, to = context.pos, options } = found;
  const { head } = view.state.selection.main;
  const [before, now] = [context.state, view.state];
  const isSamePlace =
    now.sliceDoc(0, from) === before.sliceDoc(0, from) && now.sliceDoc(head) === before.sliceDoc(to);
  const typed = now.sliceDoc(from, head);
  const [only, ...others] = options.filter(({ label }) => beginsWith(label, typed));
  if (!isSamePlace || !only || others.length || only.apply || !only.label.startsWith(typed)) return false;
  view.dispatch({
    ...insertCompletionText(now, only.label, from, head),
    annotations: pickedCompletion.of(only),
  });
  return true;
}

function beginsWith(label: string, typed: string): boolean {
  return label.toLowerCase().startsWith(typed.toLowerCase());
}

const next = moveCompletionSelection(true);
const previous = moveCompletionSelection(false);

/** Tab in an open list types what all its names begin with; then it goes from one to the next, as in JupyterLab. */
function chooseNext(view: EditorView): boolean {
  if (completionStatus(view.state) !== "active") return false;
  if (selectedCompletionIndex(view.state) !== null || !typeCommon(view)) next(view);
  return true;
}

function choosePrevious(view: EditorView): boolean {
  if (completionStatus(view.state) !== "active") return false;
  previous(view);
  return true;
}

function typeCommon(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  const typed = WORD.exec(line.text.slice(0, head - line.from))?.[0] ?? "";
  const labels = currentCompletions(view.state).map(({ label }) => label);
  const fitting = labels.filter((label) => label.startsWith(typed));
  const common = fitting.length === labels.length ? commonStart(fitting) : "";
  if (common.length <= typed.length) return false;
  const insert = common.slice(typed.length);
  view.dispatch(view.state.update(view.state.replaceSelection(insert), { userEvent: "input.type" }));
  return true;
}

function commonStart([first = "", ...others]: string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
