// In the place of `delta-view` in the widgets, which have the front end draw formatted texts: it needs no second way, and
// whoever watches another one in `tnb.rooms()` reads what it says (`bundling.mjs`).
import { html, type TemplateResult } from "lit-html";
import { textIn } from "./delta-text";

export const deltaStyle = "";

export function deltaView(data: unknown): TemplateResult | null {
  const text = textIn(data);
  return text === null ? null : html`${text}`;
}
