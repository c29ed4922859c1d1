// Chat rooms that a teacher makes while a lesson runs: those in which the user takes part, and the chat of one.
import { html, nothing, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { chatBody, chatStyle, drawingChat } from "../../document/chat";
import { Frame } from "../../document/frame";
import { doomQuestion, focusOn, newBadge } from "../../document/talk";
import { type Context, type Shown, textOf, type View } from "../../jupyter/widget";
import { t } from "../../text/words";
import { roomForm } from "./room-form";
import { type Room, RoomsSession } from "./rooms-session";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = new RoomsSession(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: RoomsSession, view: View): void {
  const frame = new Frame(session.document, view, {
    name: "chat-rooms",
    css: `${chatStyle}\n${css}`,
    traits: ["me", "is_staff"],
    saving: () => session.saving,
    parts: () => ({
      people: newBadge(
        session.rooms.reduce((count, room) => count + session.newIn(room), 0),
        "status",
      ),
      body: body(session, box),
    }),
    problem: () => session.problem,
  });
  const { box } = frame;
  const read = ({ target }: Event) => {
    if ((target as Element).closest(".tnb-chat-list, .tnb-talk-field")) session.markRead();
  };
  box.addEventListener("focusin", read, { signal: view.signal });
  session.onChange(
    drawingChat(box, session, () => frame.update()),
    view.signal,
  );
  frame.start(view.signal);
}

function body(session: RoomsSession, box: HTMLElement): TemplateResult {
  const { rooms, form, chosen, gone } = session;
  const parts = form
    ? [{ key: `form ${form.room}`, part: () => roomForm(form, session, () => focusList(box)) }]
    : chosen
      ? [{ key: chosen.id, part: () => chat(chosen, session) }]
      : [];
  const shown = repeat(
    parts,
    ({ key }) => key,
    ({ part }) => part(),
  );
  return html`<div class="tnb-chat-rooms-parts"><div class="tnb-chat-rooms-list">${list(session)}${
    session.isStaff
      ? html`<button type="button" class="tnb-button tnb-chat-rooms-new" ?disabled=${session.signal.aborted}
          @click=${() => openNewForm(session, box)}>${t("New chat room")}</button>`
      : nothing
  }</div><div class="tnb-chat-rooms-shown">${gone ? goneNote(gone) : nothing}${
    shown
  }${parts.length || gone || rooms.length < 2 ? nothing : html`<p class="tnb-talk-note">${t("Choose a chat room.")}</p>`}</div></div>`;
}

function openNewForm(session: RoomsSession, box: HTMLElement): void {
  void session.openForm();
  box.querySelector<HTMLElement>("[name=name]")?.focus();
}

/** What was being written there stays, to be copied. */
function goneNote({ name, unsent }: { name: string; unsent: string }): TemplateResult {
  const kept = html`<p class="tnb-talk-note">${t("What you were writing there was not sent:")}</p><div class="tnb-talk-text">${unsent}</div>`;
  return html`<div class="tnb-chat-rooms-gone" role="status"><p class="tnb-talk-note">${t(
    "“{name}” was closed, or you take part there no more.",
    { name },
  )}</p>${unsent.trim() ? kept : nothing}</div>`;
}

function list(session: RoomsSession): TemplateResult {
  const { rooms, isLoaded, isStaff, model } = session;
  if (!rooms.length) {
    const none = isStaff
      ? t("There is no chat room yet.")
      : t("You take part in no chat room yet. One appears here as soon as a teacher lets you in.");
    return html`<p class="tnb-talk-note">${isLoaded ? none : t("Asking the hub …")}</p>`;
  }
  const rows = repeat(
    rooms,
    ({ id }) => id,
    (
      room,
    ) => html`<li><button type="button" class="tnb-button tnb-chat-rooms-room" ?disabled=${session.signal.aborted}
      aria-current=${room.id === session.room ? "true" : nothing} @click=${() => void session.choose(room.id)}
      ><span>${room.name}</span> ${newBadge(session.newIn(room))}</button></li>`,
  );
  return html`<nav aria-label=${textOf(model, "title")}><ul>${rows}</ul></nav>`;
}

function chat(room: Room, session: RoomsSession): TemplateResult {
  return html`<section aria-label=${room.name}>${session.isStaff ? tools(room, session) : nothing}${chatBody(session, room.name)}</section>`;
}

function tools({ id, name }: Room, session: RoomsSession): TemplateResult {
  if (session.doomed === id)
    return html`<div class="tnb-chat-rooms-tools">${doomQuestion({
      question: t("Close “{name}” and delete what was said there?", { name }),
      words: t("Close"),
      keep: (event) => focusOn(event, "section", ".tnb-chat-rooms-close", () => session.doom("")),
      remove: (event) => {
        const box = (event.currentTarget as HTMLElement).closest<HTMLElement>(".tnb-widget");
        // Now, for the user may be elsewhere when the answer comes.
        if (box) focusList(box);
        void session.closeRoom(id);
      },
    })}</div>`;
  const close = (event: Event) => focusOn(event, "section", ".tnb-talk-keep", () => session.doom(id));
  return html`<div class="tnb-chat-rooms-tools tnb-unsent-buttons"><button type="button" class="tnb-button"
    aria-label=${t("Change “{name}”", { name })} ?disabled=${session.signal.aborted} @click=${() => void session.openForm(id)}
    >${t("Change …")}</button><button type="button" class="tnb-button tnb-chat-rooms-close"
    aria-label=${t("Close “{name}”", { name })} ?disabled=${session.signal.aborted} @click=${close}>${t("Close …")}</button></div>`;
}

/** Where the keyboard goes on when what had the focus is gone: the room that is shown, else making one. */
function focusList(box: HTMLElement): void {
  const [shown, make] = ["[aria-current]", ".tnb-chat-rooms-new"].map((one) =>
    box.querySelector<HTMLElement>(one),
  );
  (shown ?? make)?.focus();
}
