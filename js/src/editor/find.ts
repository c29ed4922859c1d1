// Finding words in the text of an editor, and replacing them: the notebook's own search, and the browser's, see only
// that part of a long text which is drawn. @codemirror/search would be as large as all the rest of ours in an editor.
import { EditorSelection, type EditorState, StateEffect, StateField, type Text } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type PanelConstructor,
  showPanel,
} from "@codemirror/view";

export interface Query {
  search: string;
  replace: string;
  matchesCase: boolean;
}

export interface Match {
  from: number;
  to: number;
}

/** More is neither counted nor marked. */
export const MOST = 1_000;

interface Finding {
  query: Query;
  matches: Match[];
  /** What makes the panel; null while it is closed. */
  panel: PanelConstructor | null;
}

const ask = StateEffect.define<Query>();
const show = StateEffect.define<PanelConstructor | null>();

const NOTHING: Finding = {
  query: { search: "", replace: "", matchesCase: false },
  matches: [],
  panel: null,
};

export const finding = StateField.define<Finding>({
  create: () => NOTHING,
  update(before, { effects, docChanged, state }) {
    let { query, panel } = before;
    for (const effect of effects) {
      if (effect.is(ask)) query = effect.value;
      if (effect.is(show)) panel = effect.value;
    }
    const isSame = query === before.query && panel === before.panel && !(docChanged && panel);
    return isSame ? before : { query, panel, matches: panel ? matchesIn(state.doc, query) : [] };
  },
  provide: (field) => [
    showPanel.from(field, ({ panel }) => panel),
    EditorView.decorations.compute([field, "selection"], (state) => marks(state)),
  ],
});

/** Every place in which the words stand, in order. Pure. */
export function matchesIn(doc: Text, { search, matchesCase }: Query): Match[] {
  if (!search) return [];
  const pattern = new RegExp(search.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), matchesCase ? "gu" : "giu");
  const matches: Match[] = [];
  for (const { index, 0: words } of doc.sliceString(0, doc.length, "\n").matchAll(pattern)) {
    matches.push({ from: index, to: index + words.length });
    if (matches.length === MOST) break;
  }
  return matches;
}

export function findingIn(state: EditorState): Finding {
  return state.field(finding, false) ?? NOTHING;
}

/** Which of the matches is selected, counted from one; 0 for none. */
export function selectedMatch(state: EditorState): number {
  const { from, to } = state.selection.main;
  return 1 + findingIn(state).matches.findIndex((match) => match.from === from && match.to === to);
}

export function setQuery(view: EditorView, changed: Partial<Query>): void {
  view.dispatch({ effects: ask.of({ ...findingIn(view.state).query, ...changed }) });
}

/** Open the panel, with the words that are selected. */
export function openFind(view: EditorView, panel: PanelConstructor): void {
  const { query } = findingIn(view.state);
  const { from, to } = view.state.selection.main;
  const selected = view.state.sliceDoc(from, to);
  const isOneLine = selected !== "" && !selected.includes("\n");
  const asked = isOneLine ? { ...query, search: selected } : query;
  view.dispatch({ effects: [ask.of(asked), show.of(panel)] });
}

/** False where there is nothing to close. */
export function closeFind(view: EditorView): boolean {
  if (!findingIn(view.state).panel) return false;
  view.dispatch({ effects: show.of(null) });
  view.focus();
  return true;
}

/** Select the next match, or the one before, from where the cursor is; behind the last comes the first. */
export function step(view: EditorView, isBack = false): boolean {
  const { doc, selection } = view.state;
  const matches = matchesIn(doc, findingIn(view.state).query);
  const { from, to } = selection.main;
  const next = isBack
    ? ([...matches].reverse().find((match) => match.to <= from) ?? matches.at(-1))
    : (matches.find((match) => match.from >= to) ?? matches[0]);
  if (next) select(view, next);
  return next !== undefined;
}

/** Replace the match that is selected and go on to the next; select one first where none is. */
export function replaceOne(view: EditorView): void {
  const { query } = findingIn(view.state);
  if (view.state.readOnly) return;
  if (selectedMatch(view.state)) {
    const { from, to } = view.state.selection.main;
    const at = from + query.replace.length;
    const changes = { from, to, insert: query.replace };
    view.dispatch({ changes, selection: EditorSelection.cursor(at), userEvent: "input.replace" });
  }
  step(view);
}

export function replaceAll(view: EditorView): void {
  const { doc, readOnly } = view.state;
  const { query } = findingIn(view.state);
  if (readOnly) return;
  const changes = matchesIn(doc, query).map((match) => ({ ...match, insert: query.replace }));
  if (changes.length) view.dispatch({ changes, userEvent: "input.replace.all" });
}

function select(view: EditorView, { from, to }: Match): void {
  const selection = EditorSelection.single(from, to);
  const effects = EditorView.scrollIntoView(selection.main, { y: "nearest", yMargin: 40 });
  view.dispatch({ selection, effects, userEvent: "select.search" });
}

const match = Decoration.mark({ class: "cm-searchMatch" });
const selectedMark = Decoration.mark({ class: "cm-searchMatch cm-searchMatch-selected" });

function marks(state: EditorState): DecorationSet {
  const { matches } = findingIn(state);
  const selected = selectedMatch(state);
  return Decoration.set(
    matches.map(({ from, to }, index) => (index + 1 === selected ? selectedMark : match).range(from, to)),
  );
}
