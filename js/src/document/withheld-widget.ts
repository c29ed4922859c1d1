// The browser half of texts that pages ask the kernel for: `solution` and `restricted`, which teachers write and open, to a
// group or to one person, and `cms_text`, which they write for one student.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { type Context, type Shown, textOf, type View } from "../jupyter/widget";
import { mayWrite } from "../status/saved-model";
import { difference, placeAfter } from "../text/rebase";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { DrawnMarkdown, markdownStyle } from "./drawn-markdown";
import { Frame } from "./frame";
import { misfitWords } from "./misfit-note";
import css from "./withheld.css";
import { type GroupRow, type StudentRow, WithheldSession } from "./withheld-session";

const words = () => ({
  closed: t("This is not open yet. It appears here as soon as a teacher opens it."),
  empty: t("This is open, and nothing has been written here yet."),
  text: t("Text (Markdown)"),
  preview: t("As others see it"),
  who: t("Open to"),
  openToAll: t("The place itself is open: everybody who comes here sees this."),
  nobody: t("You have no groups to open this to."),
  asking: t("Asking the hub …"),
  sees: t("sees it"),
  seesNot: t("does not see it"),
  asGroup: t("as the group"),
  open: t("open @access"),
  shut: t("closed @access"),
});

export interface WithheldLook {
  /** Whether teachers say here to whom it is open. */
  isOpened: boolean;
  /** What stands there until there is something to read, and for readers when it is empty. */
  words: () => { closed: string; empty: string };
}

/** The widget of one such type; `name` is that of its class. */
export function withheldWidget(
  name: string,
  look: WithheldLook = { isOpened: true, words },
): (context: Context) => Shown {
  return ({ model, signal }) => {
    const session = new WithheldSession(model, signal, look.isOpened);
    return { render: (view) => show(name, look, session, view) };
  };
}

function show(name: string, look: WithheldLook, session: WithheldSession, view: View): void {
  const drawn = new DrawnMarkdown(session.model, view.signal);
  const frame = new Frame(session.document, view, {
    name,
    css: `${markdownStyle}\n${css}`,
    traits: ["is_open", "is_staff"],
    saving: () => session.document.saving,
    parts: () => ({ body: html`<div class="tnb-withheld">${content(look, session, drawn)}</div>` }),
    problem: () => session.document.refusal || session.refusal,
  });
  session.onChange(() => keepingCaret(frame.box, () => frame.update()), view.signal);
  frame.start(view.signal);
}

/** Redraw: the caret stays between the words where it is, whatever others have written before it. */
function keepingCaret(box: HTMLElement, redraw: () => void): void {
  const area = box.querySelector("textarea");
  const before = area && { text: area.value, start: area.selectionStart, end: area.selectionEnd };
  redraw();
  if (!before || area.value === before.text) return;
  const change = difference(before.text, area.value);
  area.setSelectionRange(placeAfter(before.start, change), placeAfter(before.end, change));
}

function content(look: WithheldLook, session: WithheldSession, drawn: DrawnMarkdown): unknown {
  const { closed, empty } = look.words();
  // What is refused for good, and said above, is not to be waited for.
  if (!session.isOpen) return textOf(session.model, "save_state") === "refused" ? nothing : note(closed);
  const odd = session.misfits.length ? note(misfitWords(session.misfits)) : nothing;
  if (session.isStaff)
    return html`${odd}${writing(session, drawn)}${look.isOpened ? openings(session) : nothing}`;
  return html`${odd}${session.text ? drawn.of(session.text) : note(empty)}`;
}

function note(sentence: string): TemplateResult {
  return html`<p class="tnb-withheld-note" role="status">${sentence}</p>`;
}

function writing(session: WithheldSession, drawn: DrawnMarkdown): TemplateResult {
  const canEdit = mayWrite(session.model) && !session.signal.aborted && !session.misfits.length;
  const write = (event: Event) => void session.write((event.target as HTMLTextAreaElement).value);
  const compose = (event: Event) => session.compose(event.type === "compositionstart");
  const rows = Math.min(20, Math.max(4, session.text.split("\n").length + 1));
  return html`<label>${words().text}<textarea class="tnb-field" spellcheck="false" rows=${rows} ?readonly=${!canEdit}
      .value=${live(session.text)} @input=${write} @compositionstart=${compose} @compositionend=${compose}></textarea></label>
    <details><summary>${words().preview}</summary>${session.text ? drawn.of(session.text) : nothing}</details>`;
}

function openings(session: WithheldSession): TemplateResult {
  const known = session.openings;
  const groups = repeat(
    known?.groups ?? [],
    ({ id }) => id,
    (group) => groupRow(group, session),
  );
  return html`<fieldset ?disabled=${session.signal.aborted}><legend>${words().who}</legend>
    ${known?.isOpenToAll ? note(words().openToAll) : nothing}${known ? nothing : note(words().asking)}
    ${known && !known.groups.length ? note(words().nobody) : nothing}${groups}</fieldset>`;
}

function groupRow(group: GroupRow, session: WithheldSession): TemplateResult {
  const open = (event: Event) =>
    void session.openTo("group", group.id, (event.target as HTMLInputElement).checked ? "open" : "");
  const people = repeat(
    group.people,
    ({ id }) => id,
    (person) => personRow(person, session),
  );
  return html`<div class="tnb-withheld-row"><label><input type="checkbox"
      .checked=${live(group.said === "open")} @change=${open}> ${group.name}</label></div>
    <ul aria-label=${group.name}>${people}</ul>`;
}

function personRow(person: StudentRow, session: WithheldSession): TemplateResult {
  const say = (event: Event) =>
    void session.openTo("person", person.id, (event.target as HTMLSelectElement).value as StudentRow["said"]);
  const choices = [
    ["", words().asGroup],
    ["open", words().open],
    ["closed", words().shut],
  ] as const;
  return html`<li class="tnb-withheld-row"><span class="tnb-withheld-name">${person.name}</span
    ><span class="tnb-withheld-sees">${symbol(person.sees ? "●" : "○")} ${
      person.sees ? words().sees : words().seesNot
    }</span><select class="tnb-field" aria-label=${person.name} .value=${live(person.said)} @change=${say}
      >${choices.map(
        ([value, words]) => html`<option value=${value} ?selected=${value === person.said}>${words}</option>`,
      )}</select></li>`;
}
