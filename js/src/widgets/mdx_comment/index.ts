// Comments on a document: threads, oldest first, each with a field for replies, and a field for a new one.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { drawable } from "../../document/drawable";
import { DrawnMarkdown, markdownStyle } from "../../document/drawn-markdown";
import { Frame } from "../../document/frame";
import {
  doomQuestion,
  focusOn,
  talkField,
  talkHead,
  talkStyle,
  talkText,
  unreadBadge,
} from "../../document/talk";
import { type Context, type Shown, textOf, type View } from "../../jupyter/widget";
import { mayWrite } from "../../status/saved-model";
import { momentWords } from "../../text/moments";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { CommentsSession, type ShownComment, type ShownThread } from "./comments-session";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = new CommentsSession(model, signal);
  return { render: (view) => show(session, view) };
}

/** Draws what was said, where it has formats. */
type Draw = (comment: ShownComment) => unknown;

function show(session: CommentsSession, view: View): void {
  const drawn = new Map<string, DrawnMarkdown>();
  const draw: Draw = ({ id, markdown, text }) => {
    if (!markdown) return text;
    const one = drawn.get(id) ?? new DrawnMarkdown(session.model, view.signal);
    drawn.set(id, one);
    return one.of(drawable(markdown));
  };
  const frame = new Frame(session.document, view, {
    name: "comments",
    css: `${talkStyle}\n${markdownStyle}\n${css}`,
    traits: ["me", "may_begin", "about"],
    saving: () => session.saving,
    parts: () => ({ people: badges(session), body: body(session, draw) }),
    problem: () => session.problem,
  });
  frame.box.addEventListener("focusin", () => session.markRead(), { signal: view.signal });
  session.onChange(() => frame.update(), view.signal);
  frame.start(view.signal);
}

function badges(session: CommentsSession): TemplateResult {
  const { numberOpen: count } = session;
  return html`${
    count ? html`<span class="tnb-badge">${t("1 open|{count} open", { count })}</span>` : nothing
  }${unreadBadge(session)}`;
}

function body(session: CommentsSession, draw: Draw): TemplateResult {
  const { threads, left, model } = session;
  const rows = repeat(
    threads,
    ({ id }) => id,
    (thread) =>
      html`<li>${thread.isResolved ? resolved(thread, session, draw) : open(thread, session, draw)}</li>`,
  );
  const older = t("1 older thread is not shown.|{count} older threads are not shown.", { count: left });
  return html`${left ? note(older) : nothing}${
    threads.length
      ? html`<div class="tnb-talk-list"><ol aria-label=${textOf(model, "title")}>${rows}</ol></div>`
      : note(session.isLoaded ? t("Nobody has commented on this yet.") : t("Asking the hub …"))
  }${model.get("may_begin") === false ? nothing : field("", t("New comment"), t("Comment @send"), session)}`;
}

function note(sentence: string): TemplateResult {
  return html`<p class="tnb-talk-note">${sentence}</p>`;
}

function open(thread: ShownThread, session: CommentsSession, draw: Draw): TemplateResult {
  const [first] = thread.comments;
  const label = first && !first.isMine ? t("Reply to {name}", { name: first.name }) : t("Reply @noun");
  return html`<div class="tnb-comments-thread">${said(thread, session, draw)}${
    thread.resolvedBy ? note(t("Opened again by {who}, {time}", mark(thread))) : nothing
  }${field(thread.id, label, t("Reply"), session)}${markButton(thread, session)}</div>`;
}

function resolved(thread: ShownThread, session: CommentsSession, draw: Draw): TemplateResult {
  return html`<details class="tnb-comments-thread"><summary>${symbol("✓")} ${t(
    "Resolved by {who}, {time}",
    mark(thread),
  )}<span class="tnb-comments-start">${thread.comments[0]?.text}</span></summary
    >${said(thread, session, draw)}${markButton(thread, session)}</details>`;
}

const mark = ({ resolvedBy, resolvedAt }: ShownThread) => ({
  who: resolvedBy,
  time: momentWords(resolvedAt),
});

function said({ kind, nr, comments }: ShownThread, session: CommentsSession, draw: Draw): unknown {
  const at = kind ? note(t("On a page: element {nr} of the kind “{kind}”", { nr, kind })) : nothing;
  if (!comments.length) return html`${at}${note(t("What was said here was deleted."))}`;
  const rows = repeat(
    comments,
    ({ id }) => id,
    (comment) => row(comment, session, draw),
  );
  return html`${at}<ol>${rows}</ol>`;
}

function row(comment: ShownComment, session: CommentsSession, draw: Draw): TemplateResult {
  const { id, isMine, at } = comment;
  const remove = t("Delete the comment of {time}", { time: momentWords(at) });
  const isDoomed = session.doomed === id;
  const button =
    isMine && !isDoomed && canWrite(session)
      ? html`<button type="button" class="tnb-button tnb-plain tnb-comments-remove" aria-label=${remove} title=${remove}
          @click=${(event: Event) => focusOn(event, "li", ".tnb-talk-keep", () => session.doom(id))}>✕</button>`
      : nothing;
  return html`<li class="tnb-comments-one">${talkHead(comment, button)}${talkText(draw(comment))}${
    isDoomed ? confirmation(id, session) : nothing
  }</li>`;
}

/** Asked before a comment is deleted. */
function confirmation(id: string, session: CommentsSession): TemplateResult {
  return doomQuestion({
    question: t("Delete this comment?"),
    words: t("Delete"),
    keep: (event) => focusOn(event, "li", ".tnb-comments-remove", () => session.doom("")),
    remove: () => void session.remove(id),
  });
}

function markButton({ id, isResolved }: ShownThread, session: CommentsSession): unknown {
  if (!canWrite(session)) return nothing;
  return html`<button type="button" class="tnb-button" @click=${() => void session.resolve(id, !isResolved)}
    >${isResolved ? t("Open again") : t("Resolve")}</button>`;
}

function field(name: string, label: string, words: string, session: CommentsSession): unknown {
  if (!canWrite(session)) return nothing;
  const rows = Math.min(8, session.draft(name).split("\n").length);
  const hint = t("Markdown; Enter sends");
  return talkField(session, { name, label, words, rows, hint, send: () => void session.send(name) });
}

function canWrite({ model, signal, isLoaded }: CommentsSession): boolean {
  return mayWrite(model) && isLoaded && !signal.aborted;
}
