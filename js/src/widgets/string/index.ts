// The text answer: prose, edited live, and compared by the kernel with what the notebook expects.
import { showLiveEditor } from "../../editor/live-editor";
import { proseEditor } from "../../editor/prose";
import { type Context, followTraits, type Shown, type View } from "../../jupyter/widget";
import { LiveSession } from "../../live/live-session";
import { t } from "../../text/words";
import { AnswerCheck } from "./answer-check";
import { oneLine } from "./one-line";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = new LiveSession(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: LiveSession, view: View): void {
  const { model } = session;
  const isOneLine = model.get("one_line") === true;
  const check = new AnswerCheck(session, () => frame.draw());
  const frame = showLiveEditor(session, view, {
    name: "prose",
    css,
    hint: isOneLine ? t("Text on one line.") : t("Text over several lines."),
    ending: ".txt",
    hasLineNumbers: false,
    extensions: () => [isOneLine ? oneLine(() => check.press()) : [], proseEditor()],
    empty: t("Your answer"),
    below: () => check.line,
  });
  if (isOneLine) frame.box.classList.add("tnb-one-line");
  followTraits(model, ["verdict"], view.signal, () => frame.draw());
}
