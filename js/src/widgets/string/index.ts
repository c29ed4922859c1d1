// The text answer: prose, edited live.

import { defaultKeymap } from "@codemirror/commands";
import { EditorView, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import { leaveByEscape } from "../../editor/leaving";
import { lineDirections } from "../../editor/line-directions";
import { showLiveEditor } from "../../editor/live-editor";
import type { Context, Shown } from "../../jupyter/widget";
import { LiveSession } from "../../live/live-session";
import { t } from "../../text/words";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = new LiveSession(model, signal);
  return {
    render(view) {
      showLiveEditor(session, view, {
        name: "prose",
        css,
        hint: t("Text over several lines."),
        ending: ".txt",
        hasLineNumbers: false,
        extensions: proseEditor,
      });
    },
  };
}

/** Tab is not taken: in prose it leaves the editor as everywhere on the page. */
function proseEditor() {
  return [
    leaveByEscape(),
    EditorView.lineWrapping,
    lineDirections(),
    highlightSpecialChars(),
    placeholder(t("Your answer")),
    EditorView.contentAttributes.of({ spellcheck: "true", autocorrect: "on", autocapitalize: "sentences" }),
    keymap.of([...defaultKeymap]),
  ];
}
