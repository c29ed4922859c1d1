// The line under a cell whose mark cannot be followed: why, and a way to the dialog that changes it.

import type { Extension } from "@codemirror/state";
import { type Panel, showPanel } from "@codemirror/view";
import { html, render } from "lit-html";
import css from "../cells/cells.css";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { keepKeys } from "../ui/keys";
import { addStyle } from "../ui/styles";

export function wrongMark(why: string, change: () => void): Extension {
  return showPanel.of(() => panelOf(why, change));
}

function panelOf(why: string, change: () => void): Panel {
  const life = new AbortController();
  const dom = document.createElement("div");
  dom.className = "tnb-widget tnb-cell-line tnb-wrong-mark";
  // What is pressed is in this cell: the notebook hears of it, and makes it the one that commands are about.
  render(
    html`<p class="tnb-detail" data-tone="bad" role="note">${symbol("✗")} ${t("Not live: {reason}.", { reason: why })} <button
      type="button" class="tnb-button" @click=${change}>${t("Change …")}</button></p>`,
    dom,
  );
  keepKeys(dom, life.signal);
  return { dom, mount: () => addStyle(dom, "cells", css), destroy: () => life.abort() };
}
