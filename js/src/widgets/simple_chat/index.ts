// A chat: what was said, oldest first, and a field for the next message.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { Frame } from "../../document/frame";
import { talkField, talkHead, talkStyle, talkText, unreadBadge } from "../../document/talk";
import type { Said } from "../../document/talk-session";
import type { Context, Shown, View } from "../../jupyter/widget";
import { textOf } from "../../jupyter/widget";
import { momentWords } from "../../text/moments";
import { t } from "../../text/words";
import { ChatSession } from "./chat-session";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = new ChatSession(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: ChatSession, view: View): void {
  const frame = new Frame(session.document, view, {
    name: "chat",
    css: `${talkStyle}\n${css}`,
    traits: ["me"],
    saving: () => session.document.saving,
    parts: () => ({ people: unreadBadge(session), body: body(session) }),
    problem: () => session.problem,
  });
  const { box } = frame;
  box.addEventListener("focusin", () => session.markRead(), { signal: view.signal });
  let newest = "";
  session.onChange(() => {
    const list = box.querySelector(".tnb-chat-list");
    const isAtEnd = !list || list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    frame.update();
    const last = session.all.at(-1)?.id ?? "";
    // Whoever reads further up is left there.
    if (last !== newest && isAtEnd)
      box.querySelector(".tnb-chat-list")?.scrollTo({ top: Number.MAX_SAFE_INTEGER });
    newest = last;
  }, view.signal);
  frame.start(view.signal);
}

function body(session: ChatSession): TemplateResult {
  const { all, left, model } = session;
  const first = session.unread[0]?.id;
  const rows = repeat(
    all,
    ({ id }) => id,
    (message) => row(message, message.id === first, session),
  );
  const older = t("1 older message is not shown.|{count} older messages are not shown.", { count: left });
  const field = { label: t("Message"), words: t("Send"), rows: 2, send: () => void session.send() };
  return html`<div class="tnb-talk-list tnb-chat-list" role="log" tabindex="0" aria-label=${textOf(model, "title")}
      >${left ? html`<p class="tnb-talk-note">${older}</p>` : nothing}${
        all.length
          ? html`<ol>${rows}</ol>`
          : html`<p class="tnb-talk-note">${t("Nobody has said anything yet.")}</p>`
      }</div>${talkField(session, field)}`;
}

function row(message: Said, isFirstNew: boolean, session: ChatSession): TemplateResult {
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
