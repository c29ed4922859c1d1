// An editor for prose: it wraps lines, minds the direction of each, and has the browser's spelling.
import { defaultKeymap } from "@codemirror/commands";
import type { Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import { leaveByEscape } from "./leaving";
import { lineDirections } from "./line-directions";

/** `empty` stands where nothing has been written. Tab is not taken: it leaves the editor as everywhere on the page. */
export function proseEditor(empty: string): Extension {
  return [
    leaveByEscape(),
    EditorView.lineWrapping,
    lineDirections(),
    highlightSpecialChars(),
    placeholder(empty),
    EditorView.contentAttributes.of({ spellcheck: "true", autocorrect: "on", autocapitalize: "sentences" }),
    keymap.of([...defaultKeymap]),
  ];
}
