// How it is drawn what people say to each other: who has said it and when, and the field for the next thing.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
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

export function talkText(text: unknown): TemplateResult {
  return html`<div class="tnb-talk-text">${
    text ?? t("Another program has said something here that is no text.")
  }</div>`;
}

export function unreadBadge({ unread }: AnyTalk): unknown {
  return newBadge(unread.length, "status");
}

/** How much is new, where anything is; as a `status` it is read aloud when that changes. */
export function newBadge(count: number, role: "status" | "" = ""): unknown {
  if (!count) return nothing;
  return html`<span class="tnb-talk-unread" role=${role || nothing}>${t("1 new|{count} new", { count })}</span>`;
}

/** What is asked before something is deleted: `words` do it. The answer that keeps it has the focus, by `focusOn`. */
export interface Doom {
  question: string;
  words: string;
  keep: (event: Event) => void;
  remove: (event: Event) => void;
}

export function doomQuestion({ question, words, keep, remove }: Doom): TemplateResult {
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    keep(event);
  };
  return html`<div class="tnb-unsent-buttons" role="group" aria-label=${question} @keydown=${press}
    ><span>${question}</span><button type="button" class="tnb-button tnb-talk-keep" @click=${keep}
    >${t("Keep")}</button><button type="button" class="tnb-button" @click=${remove}>${words}</button></div>`;
}

/** Do something, and have the focus beside it afterwards: at `next` within what `around` names. */
export function focusOn(event: Event, around: string, next: string, act: () => void): void {
  const box = (event.currentTarget as HTMLElement).closest(around);
  act();
  box?.querySelector<HTMLElement>(next)?.focus();
}

export interface TalkField {
  label: string;
  /** On the button. */
  words: string;
  rows: number;
  /** Where several stand beside each other: which one it is. */
  name?: string;
  /** What the field says while it is empty. */
  hint?: string;
  send: () => void;
}

export function talkField(
  session: AnyTalk,
  { label, words, rows, name = "", hint = t("Enter sends, Shift+Enter begins a line"), send }: TalkField,
): TemplateResult {
  const { canWrite } = session;
  const draft = session.draft(name);
  const isSending = session.isSending(name);
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const write = (event: Event) => session.write((event.target as HTMLTextAreaElement).value, name);
  return html`<div class="tnb-talk-field"><textarea class="tnb-field" rows=${rows} aria-label=${label}
    placeholder=${hint} ?disabled=${!canWrite}
    .value=${live(draft)} @input=${write} @keydown=${press}></textarea><button type="button" class="tnb-button"
    ?disabled=${!canWrite || isSending || !draft.trim()} @click=${send}>${isSending ? t("Sending …") : words}</button></div>`;
}
