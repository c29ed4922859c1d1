// Whether the user may write into an editor.
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** Keys of the user change nothing where they may not write; they can still focus, read and copy. */
export function writing(isWritable: boolean): Extension {
  if (isWritable) return [];
  return [
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ "aria-readonly": "true" }),
    EditorView.editorAttributes.of({ class: "tnb-readonly" }),
    // Some ways of typing (input methods) do not ask the facet.
    EditorState.transactionFilter.of((transaction) => {
      const isTyped = transaction.isUserEvent("input") || transaction.isUserEvent("delete");
      return isTyped && transaction.docChanged ? [] : transaction;
    }),
  ];
}
