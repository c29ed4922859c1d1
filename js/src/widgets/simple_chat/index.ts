// A chat: what was said, oldest first, and a field for the next message.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { Frame } from "../../document/frame";
import type { Context, Shown, View } from "../../jupyter/widget";
import { textOf } from "../../jupyter/widget";
import { mayWrite } from "../../status/saved-model";
import { momentWords } from "../../text/moments";
import { t } from "../../text/words";
import { type ChatMessage, ChatSession } from "./chat-session";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = new ChatSession(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: ChatSession, view: View): void {
  const frame = new Frame(session.document, view, {
    name: "chat",
    css,
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
    const last = session.messages.at(-1)?.id ?? "";
    // Whoever reads further up is left there.
    if (last !== newest && isAtEnd)
      box.querySelector(".tnb-chat-list")?.scrollTo({ top: Number.MAX_SAFE_INTEGER });
    newest = last;
  }, view.signal);
  frame.start(view.signal);
}

function unreadBadge({ unread }: ChatSession): unknown {
  if (!unread.length) return nothing;
  return html`<span class="tnb-chat-unread" role="status">${t("1 new|{count} new", { count: unread.length })}</span>`;
}

function body(session: ChatSession): TemplateResult {
  const { messages, left, model } = session;
  const first = session.unread[0]?.id;
  const rows = repeat(
    messages,
    ({ id }) => id,
    (message) => row(message, message.id === first, session),
  );
  const older = t("1 older message is not shown.|{count} older messages are not shown.", { count: left });
  return html`<div class="tnb-chat-list" role="log" tabindex="0" aria-label=${textOf(model, "title")}
      >${left ? html`<p class="tnb-chat-note">${older}</p>` : nothing}${
        messages.length
          ? html`<ol>${rows}</ol>`
          : html`<p class="tnb-chat-note">${t("Nobody has said anything yet.")}</p>`
      }</div>${field(session)}`;
}

function row(message: ChatMessage, isFirstNew: boolean, session: ChatSession): TemplateResult {
  const { id, name, isMine, at, text } = message;
  const when = momentWords(at);
  const remove = t("Delete the message of {time}", { time: when });
  const line = isFirstNew ? html`<li class="tnb-chat-new"><span>${t("New")}</span></li>` : nothing;
  return html`${line}<li class="tnb-chat-message" ?data-mine=${isMine}><div class="tnb-chat-head"
      ><strong>${isMine ? t("You") : name}</strong> <time datetime=${at}>${when}</time>${
        isMine && !session.signal.aborted
          ? html`<button type="button" class="tnb-button tnb-plain" aria-label=${remove} title=${remove}
              @click=${() => void session.remove(id)}>✕</button>`
          : nothing
      }</div><div class="tnb-chat-text">${text ?? t("Another program has said something here that is no text.")}</div></li>`;
}

function field(session: ChatSession): TemplateResult {
  const canWrite = mayWrite(session.model) && !session.signal.aborted;
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void session.send();
  };
  const write = (event: Event) => session.write((event.target as HTMLTextAreaElement).value);
  return html`<div class="tnb-chat-field"><textarea rows="2" maxlength="10000" aria-label=${t("Message")}
      placeholder=${t("Enter sends, Shift+Enter begins a line")} ?disabled=${!canWrite}
      .value=${live(session.draft)} @input=${write} @keydown=${press}></textarea
    ><button type="button" class="tnb-button" ?disabled=${!canWrite || session.isSending || !session.draft.trim()}
      @click=${() => void session.send()}>${session.isSending ? t("Sending …") : t("Send")}</button></div>`;
}
