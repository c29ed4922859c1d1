// The way out of an editor by keyboard. Escape first ends what is open in it: a list of completions, the search,
// further cursors. Then it leads to the notebook's command mode, or, where there is none, lets Tab leave the editor.
import { simplifySelection } from "@codemirror/commands";

import { type Extension, Prec } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import { selectCell } from "../ui/keys";
import { closeFind } from "./find";

/** How long Tab leaves the editor after Escape, unless another key comes first. */
const LEAVE_WITHIN = 60_000;

/** `end` ends what else is open in the editor; true when there was something to be seen. */
export function leaveByEscape(end: (view: EditorView) => boolean = () => false): Extension {
  const leave = (view: EditorView) => {
    if (end(view) || closeFind(view) || simplifySelection(view)) return true;
    if (!selectCell(view.contentDOM)) view.setTabFocusMode(LEAVE_WITHIN);
    return true;
  };
  // First of all: completion takes every Escape while it is still looking for something to offer.
  return Prec.highest(keymap.of([{ key: "Escape", run: leave }]));
}
