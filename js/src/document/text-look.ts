// The look of what holds a text that is not live, for whoever watches: as it is stored.
import { html } from "lit-html";
import { t } from "../text/words";
import { fitting } from "./fitting";
import type { Look } from "./look";
import { misfitNote } from "./misfit-note";

export const textLook: Look = {
  name: "text-look",
  css: `.tnb-look-text { padding: 8px 10px; overflow-wrap: anywhere; white-space: pre-wrap; }
.tnb-look-text:empty { display: none; }`,
  draw({ data: stored, json }) {
    const { data, misfits } = fitting({ text: "" }, stored);
    const note = misfits.length ? misfitNote(misfits, () => json(stored, false)) : "";
    const empty =
      data.text || misfits.length
        ? ""
        : html`<p class="tnb-look-note">${t("Nothing has been written here yet.")}</p>`;
    return { body: html`${note}${empty}<div class="tnb-look-text">${data.text}</div>` };
  },
};
