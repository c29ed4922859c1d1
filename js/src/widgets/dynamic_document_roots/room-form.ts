// The form of a teacher: what a chat room is called, and who takes part.
import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../../text/words";
import { mayMoveFocus, unmovedFocus } from "../../ui/focus";
import type { Form, GroupChoice, RoomsSession } from "./rooms-session";

/** `done` is called when what was filled in is stored, or given up. */
export function roomForm(form: Form, session: RoomsSession, done: () => void): TemplateResult {
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const widget = form.closest(".tnb-widget") ?? form;
    let isHere = () => false;
    const isStored = await session.submit(new FormData(form), (show) => {
      const wasHere = mayMoveFocus(widget, widget);
      show();
      const isUnmoved = unmovedFocus(widget);
      isHere = () => wasHere && isUnmoved();
    });
    // Whoever begins another room before this one is shown is in its form.
    if (isStored && isHere()) done();
  };
  const cancel = () => {
    session.closeForm();
    done();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    cancel();
  };
  const label = form.room ? t("Change “{name}”", { name: form.name }) : t("New chat room");
  return html`<form class="tnb-chat-rooms-form" aria-label=${label} @submit=${submit} @keydown=${press}>
    <label>${t("Name")} <input class="tnb-field" name="name" required autocomplete="off" value=${form.name}></label>
    ${who(form)}<div class="tnb-unsent-buttons"><button class="tnb-button" ?disabled=${session.signal.aborted}
    >${form.room ? t("Change") : t("Make chat room")}</button><button type="button" class="tnb-button" @click=${cancel}
    >${t("Cancel")}</button></div></form>`;
}

function who({ room, groups, isForEverybody }: Form): TemplateResult {
  if (!groups) return html`<p class="tnb-talk-note">${t("Asking the hub …")}</p>`;
  if (isForEverybody) return html`<p class="tnb-talk-note">${t("Everybody takes part who comes here.")}</p>`;
  const everybody = room
    ? nothing
    : html`<label><input type="checkbox" name="everybody"> ${t("Everybody who comes here")}</label>`;
  return html`<fieldset><legend>${t("Who takes part")}</legend>${everybody}<div class="tnb-chat-rooms-who">${
    groups.length
      ? groups.map(group)
      : html`<p class="tnb-talk-note">${t("You have no groups to choose people from.")}</p>`
  }</div></fieldset>`;
}

function group({ id, name, takesPart, people }: GroupChoice): TemplateResult {
  return html`<label><input type="checkbox" name="group" value=${id} ?checked=${takesPart}> ${t("All of {name}", { name })}</label>
    <ul aria-label=${name}>${people.map(
      (person) => html`<li><label><input type="checkbox" name="person" value=${person.id}
        ?checked=${person.takesPart}> ${person.name}</label></li>`,
    )}</ul>`;
}
