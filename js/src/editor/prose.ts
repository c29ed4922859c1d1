// An editor for prose: it wraps lines, minds the direction of each, and has the browser's spelling.
import { defaultKeymap } from "@codemirror/commands";
import type { Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, keymap } from "@codemirror/view";
import { leaveByEscape } from "./leaving";
import { lineDirections } from "./line-directions";

/** Tab is not taken: it leaves the editor as everywhere on the page. */
export function proseEditor(): Extension {
  return [
    leaveByEscape(),
    EditorView.lineWrapping,
    lineDirections(),
    highlightSpecialChars(),
    EditorView.contentAttributes.of({ spellcheck: "true", autocorrect: "on", autocapitalize: "sentences" }),
    keymap.of([...defaultKeymap]),
  ];
}
