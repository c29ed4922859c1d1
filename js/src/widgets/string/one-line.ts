// An answer of one line: Enter does something else than begin a line, and what is pasted comes without line ends.
import { type ChangeSet, EditorState, type Extension, Prec, type TransactionSpec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

export function oneLine(enter: () => void): Extension {
  const run = () => {
    enter();
    return true;
  };
  return [
    Prec.highest(keymap.of([{ key: "Enter", run, shift: run }])),
    EditorView.clipboardInputFilter.of((text) => text.replace(/\s*\n\s*/g, " ").trim()),
    // Dropped text, and keyboards of phones.
    EditorState.transactionFilter.of((transaction) => {
      const { newDoc, startState } = transaction;
      const isTyped = transaction.isUserEvent("input") || transaction.isUserEvent("move");
      return isTyped && newDoc.lines > startState.doc.lines
        ? joined(transaction.changes, startState)
        : transaction;
    }),
  ];
}

function joined(changes: ChangeSet, state: EditorState): TransactionSpec {
  const made: { from: number; to: number; insert: string }[] = [];
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    made.push({ from, to, insert: inserted.toString().replace(/\s*\n\s*/g, " ") });
  });
  const all = state.changes(made);
  return { changes: all, selection: { anchor: all.mapPos(state.selection.main.to, 1) }, userEvent: "input" };
}
