// What is said of data that do not fit their type.
import { html, type TemplateResult } from "lit-html";
import { startOf } from "../text/whole-characters";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import type { Misfit } from "./fitting";
import css from "./look.css";

export { css as lookStyle };

/** So much of a value is said. */
const MOST = 60;

/** `misfits` as `fitting` finds them. */
export function misfitNote(misfits: Misfit[], stored: () => TemplateResult): TemplateResult {
  return html`<div class="tnb-look-note"><p role="status">${symbol("⚠")} ${misfitWords(misfits)}</p>${stored()}</div>`;
}

/** Which values do not fit, what becomes of them, and what can be done: `where` their author can replace them. */
export function misfitWords(misfits: Misfit[], where = ".model.data"): string {
  const what = misfits.map(({ key, value }) => (key ? `${key}: ${short(value)}` : short(value))).join(", ");
  if (misfits.every(({ is_of_call }) => is_of_call))
    return t("What was answered does not fit what is asked here by now: {what}. It can be answered anew.", {
      what,
    });
  return t(
    "Another program has stored something here that does not fit: {what}. It is shown as far as it is understood, and stays as it is. Whoever wrote it can mend it, its author by assigning “{where}” in Python.",
    { what, where },
  );
}

function short(value: unknown): string {
  const text = String(JSON.stringify(value));
  const start = startOf(text, MOST);
  return start === text ? text : `${start} …`;
}
