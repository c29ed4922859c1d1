// One line above a notebook whose live cells its user has not connected: what they are now, and a button that connects them.

import type { NotebookPanel } from "@jupyterlab/notebook";
import { Widget } from "@lumino/widgets";
import { html, render } from "lit-html";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { addStyle } from "../ui/styles";
import css from "./connect-bar.css";

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
  const words = course
    ? t("Not connected: the live cells of “{course}” are ordinary ones now.", { course })
    : t("Not connected: the live cells are ordinary ones now.");
  render(
    html`${symbol("○")}<span title=${words}>${words}</span><button type="button" class="tnb-button" @click=${connect}>${t("Connect")}</button>`,
    bar.node,
  );
  panel.contentHeader.addWidget(bar);
  addStyle(bar.node, "connect-bar", css);
}
