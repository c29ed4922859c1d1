// A chat for whoever watches it: what was said, oldest first.
import { html } from "lit-html";
import { fitting } from "../../document/fitting";
import type { Look, Related } from "../../document/look";
import { TEXT_MESSAGE } from "../../schema/types/text_message";
import { momentWords } from "../../text/moments";
import { t } from "../../text/words";
import css from "./style.css";

/** As many as the chat itself shows. */
const MOST = 200;

export const look: Look = {
  name: "chat-look",
  css,
  needsRelated: true,
  draw({ related, title }) {
    const messages = related.filter(({ isBelow }) => isBelow).slice(-MOST);
    return {
      body: html`<div class="tnb-chat-list" role="log" tabindex="0" aria-label=${title}>${
        messages.length
          ? html`<ol>${messages.map(row)}</ol>`
          : html`<p class="tnb-chat-note">${t("Nobody has said anything yet.")}</p>`
      }</div>`,
    };
  },
};

function row({ name, createdAt, data }: Related) {
  const { data: message, misfits } = fitting(TEXT_MESSAGE, data);
  const text = misfits.length ? t("Another program has said something here that is no text.") : message.text;
  return html`<li class="tnb-chat-message"><div class="tnb-chat-head"><strong>${name}</strong> <time
    datetime=${createdAt}>${momentWords(createdAt)}</time></div><div class="tnb-chat-text">${text}</div></li>`;
}
