// How it is drawn what people say to each other: who has said it and when, and the field for the next thing.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { mayWrite } from "../status/saved-model";
import { momentWords } from "../text/moments";
import { t } from "../text/words";
import css from "./talk.css";
import type { Said, TalkSession } from "./talk-session";

export { css as talkStyle };

// biome-ignore lint/suspicious/noExplicitAny: whatever its documents hold
export type AnyTalk = TalkSession<any, any>;

export function talkHead(
  { name, at, isMine }: Pick<Said, "name" | "at" | "isMine">,
  button: unknown = nothing,
): TemplateResult {
  return html`<div class="tnb-talk-head"><strong>${isMine ? t("You") : name}</strong> <time datetime=${at}
    >${momentWords(at)}</time>${button}</div>`;
}

export function talkText(text: string | null): TemplateResult {
  return html`<div class="tnb-talk-text">${
    text ?? t("Another program has said something here that is no text.")
  }</div>`;
}

export function unreadBadge({ unread }: AnyTalk): unknown {
  if (!unread.length) return nothing;
  return html`<span class="tnb-talk-unread" role="status">${t("1 new|{count} new", { count: unread.length })}</span>`;
}

export interface TalkField {
  label: string;
  /** On the button. */
  words: string;
  rows: number;
  /** Where several stand beside each other: which one it is. */
  name?: string;
  send: () => void;
}

export function talkField(
  session: AnyTalk,
  { label, words, rows, name = "", send }: TalkField,
): TemplateResult {
  const canWrite = mayWrite(session.model) && !session.signal.aborted;
  const draft = session.draft(name);
  const isSending = session.isSending(name);
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const write = (event: Event) => session.write((event.target as HTMLTextAreaElement).value, name);
  return html`<div class="tnb-talk-field"><textarea class="tnb-field" rows=${rows} maxlength="10000" aria-label=${label}
    placeholder=${t("Enter sends, Shift+Enter begins a line")} ?disabled=${!canWrite}
    .value=${live(draft)} @input=${write} @keydown=${press}></textarea><button type="button" class="tnb-button"
    ?disabled=${!canWrite || isSending || !draft.trim()} @click=${send}>${isSending ? t("Sending …") : words}</button></div>`;
}
