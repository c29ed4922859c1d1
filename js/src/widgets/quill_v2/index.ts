// A formatted text: Markdown, edited live, and beside it what it looks like.
import { html } from "lit-html";
import { drawable } from "../../document/drawable";
import { DrawnMarkdown, markdownStyle } from "../../document/drawn-markdown";
import { showLiveEditor } from "../../editor/live-editor";
import { proseEditor } from "../../editor/prose";
import { type Context, followTraits, type Shown, textOf, type View } from "../../jupyter/widget";
import { LiveSession } from "../../live/live-session";
import { Timer } from "../../live/timer";
import { FORMATTED_TEXT_BYTES } from "../../schema/limits";
import { t } from "../../text/words";
import css from "./style.css";

/** While somebody types, the picture waits for them to pause, but not for ever (ms). */
const PAUSE = 200;
const LONGEST = 1000;

export function widget({ model, signal }: Context): Shown {
  const session = new LiveSession(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: LiveSession, view: View): void {
  const { live, model } = session;
  const drawn = new DrawnMarkdown(model, view.signal);
  let text = "";
  const draw = new Timer(() => {
    text = textOf(model, "stored") || drawable(live.text?.toString() ?? "");
    frame.draw();
  });
  const frame = showLiveEditor(session, view, {
    name: "richtext",
    css: `${markdownStyle}\n${css}`,
    hint: t("Text over several lines, in Markdown."),
    ending: ".md",
    hasLineNumbers: false,
    mostBytes: FORMATTED_TEXT_BYTES,
    drawsStored: true,
    extensions: () => [proseEditor()],
    empty: t("Text (Markdown)"),
    below: () => html`<div class="tnb-richtext-look" role="region" aria-label=${t("What it looks like")}
      ?hidden=${!text}>${drawn.of(text)}</div>`,
  });
  let since = 0;
  const soon = () => {
    if (!draw.isWaiting) since = Date.now();
    if (Date.now() - since < LONGEST) draw.start(PAUSE);
  };
  const listen = () => {
    live.doc.on("update", soon);
    soon();
  };
  // Another document has taken the place of the one before.
  live.onReset(listen, view.signal);
  listen();
  followTraits(model, ["stored"], view.signal, soon);
  view.signal.addEventListener("abort", () => {
    live.doc.off("update", soon);
    draw.cancel();
  });
}
