// “I have read this”, and how long its cell has been seen.
import { html } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { documentWidget } from "../../document/document-widget";
import { PAGE_READ_CHECK } from "../../schema/types/page_read_check";
import { t } from "../../text/words";
import { countReading } from "./reading";
import css from "./style.css";
import { secondsOf, timeWords } from "./time-words";

const MARK: { document?: string; course?: string } = {};

export const widget = documentWidget({
  name: "read-check",
  css,
  data: PAGE_READ_CHECK,
  options: { mark: MARK },
  draw({ data: { read, readTime }, canEdit, assign }) {
    const press = (event: Event) => assign("read", (event.target as HTMLInputElement).checked);
    return html`<div class="tnb-reading"><label><input type="checkbox" .checked=${live(read === true)} ?disabled=${!canEdit}
        @change=${press}> ${t("I have read this")}</label> <span>${timeWords(readTime)}</span></div>`;
  },
  follow(document, view) {
    countReading(view, {
      name: () => JSON.stringify(document().options.mark),
      mayCount: () => document().canEdit,
      add: (seconds) => {
        const { data, assign } = document();
        assign("readTime", secondsOf(data.readTime) + seconds);
      },
    });
  },
});
