// One line above a notebook whose live cells its user has not connected: what they are now, and a button that connects them.

import type { NotebookPanel } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import { html, nothing, render } from "lit-html";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { addStyle } from "../ui/styles";
import css from "./connect-bar.css";
import { lackingHere, noLiveCellsWords } from "./lacking";

const bars = new WeakMap<NotebookPanel, Widget>();

/** Show the line, or take it away. */
export function showBar(panel: NotebookPanel, isShown: boolean, course: string, connect: () => void): void {
  bars.get(panel)?.dispose();
  if (!isShown || panel.isDisposed) return;
  const bar = new Widget();
  bars.set(panel, bar);
  bar.addClass("tnb-widget");
  bar.addClass("tnb-connect-bar");
  bar.node.setAttribute("role", "region");
  bar.node.setAttribute("aria-label", t("Live cells"));
  const draw = (words: string, button: unknown) =>
    render(html`${symbol("○")}<span title=${words}>${words}</span>${button}`, bar.node);
  draw(
    course
      ? t("Not connected: the live cells of “{course}” are ordinary ones now.", { course })
      : t("Not connected: the live cells are ordinary ones now."),
    html`<button type="button" class="tnb-button" @click=${connect}>${t("Connect")}</button>`,
  );
  void lackingHere().then((lacking) => {
    const none = noLiveCellsWords(lacking);
    if (none) draw(none, nothing);
  });
  panel.contentHeader.addWidget(bar);
  addStyle(bar.node, "connect-bar", css);
}
