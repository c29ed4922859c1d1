// How a chat is drawn: what was said, oldest first, and a field for the next message.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { momentWords } from "../text/moments";
import { t } from "../text/words";
import css from "./chat.css";
import type { ChatSession } from "./chat-session";
import { talkField, talkHead, talkStyle, talkText } from "./talk";
import type { Said } from "./talk-session";

export const chatStyle = `${talkStyle}\n${css}`;

// biome-ignore lint/suspicious/noExplicitAny: whatever its document holds
type AnyChat = ChatSession<any, any>;

/** Returns what draws: the newest message is in view then, unless the user reads further up. */
export function drawingChat(box: HTMLElement, session: AnyChat, draw: () => void): () => void {
  let [newest, room] = ["", ""];
  return () => {
    const list = box.querySelector(".tnb-chat-list");
    const isAtEnd =
      !list || session.room !== room || list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    draw();
    const last = session.all.at(-1)?.id ?? "";
    if (last !== newest && isAtEnd)
      box.querySelector(".tnb-chat-list")?.scrollTo({ top: Number.MAX_SAFE_INTEGER });
    [newest, room] = [last, session.room];
  };
}

export function chatBody(session: AnyChat, name: string): TemplateResult {
  const { all, left, room } = session;
  const first = session.unread[0]?.id;
  const rows = repeat(
    all,
    ({ id }) => id,
    (message) => row(message, message.id === first, session),
  );
  const older = t("1 older message is not shown.|{count} older messages are not shown.", { count: left });
  const field = {
    label: t("Message"),
    words: t("Send"),
    rows: 2,
    name: room,
    send: () => void session.send(),
  };
  return html`<div class="tnb-talk-list tnb-chat-list" role="log" tabindex="0" aria-label=${name}
      >${left ? html`<p class="tnb-talk-note">${older}</p>` : nothing}${
        all.length
          ? html`<ol>${rows}</ol>`
          : html`<p class="tnb-talk-note">${t("Nobody has said anything yet.")}</p>`
      }</div>${talkField(session, field)}`;
}

function row(message: Said, isFirstNew: boolean, session: AnyChat): TemplateResult {
  const { id, isMine, at, text } = message;
  const remove = t("Delete the message of {time}", { time: momentWords(at) });
  const line = isFirstNew ? html`<li class="tnb-chat-new"><span>${t("New")}</span></li>` : nothing;
  const button =
    isMine && !session.signal.aborted
      ? html`<button type="button" class="tnb-button tnb-plain" aria-label=${remove} title=${remove}
          @click=${() => void session.remove(id)}>✕</button>`
      : nothing;
  return html`${line}<li class="tnb-chat-one" ?data-mine=${isMine}>${talkHead(message, button)}${talkText(text)}</li>`;
}
