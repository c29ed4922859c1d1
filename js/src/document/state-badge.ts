// How it stands with a document, drawn in a list.
import { html, nothing, type TemplateResult } from "lit-html";
import { symbol } from "../ui/elements";
import css from "./state-badge.css";
import type { State } from "./states";

export { css as stateStyle };

export function stateBadge(state: State | null): TemplateResult | typeof nothing {
  if (!state) return nothing;
  return html`<span class="tnb-document-state" ?data-asking=${state.isAsking === true}
    >${state.symbol ? symbol(state.symbol) : nothing} ${state.words}</span>`;
}
