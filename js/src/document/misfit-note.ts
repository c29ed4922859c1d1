// What is said of data that do not fit their type.
import { html, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import css from "./look.css";

export { css as lookStyle };

/** `misfits` as `fitting` finds them. */
export function misfitNote(misfits: string[], stored: () => TemplateResult): TemplateResult {
  const [key = ""] = misfits;
  const words = key
    ? t(
        "Another program has stored something here that does not fit: {keys}. It is shown as far as it is understood, and stays as it is.",
        { keys: misfits.join(", ") },
      )
    : t("Another program has stored something here that does not fit. It stays as it is.");
  return html`<div class="tnb-look-note"><p role="status">${symbol("⚠")} ${words}</p>${stored()}</div>`;
}
