// The teacher's overview: groups, who is here, what they have, and watching it.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { stateBadge, stateStyle } from "../../document/state-badge";
import { type StatedRow, withStates } from "../../document/states";
import { Channel } from "../../jupyter/channel";
import { type Context, followTraits, type Shown, textOf, type View } from "../../jupyter/widget";
import { Problem } from "../../status/problem";
import { roleWords, typeWords } from "../../text/roles";
import { sentence } from "../../text/sentence";
import { said, t } from "../../text/words";
import { symbol } from "../../ui/elements";
import { drawKeepingFocus } from "../../ui/focus";
import { keepKeys } from "../../ui/keys";
import { addStyle } from "../../ui/styles";
import {
  changedWords,
  type DocumentRow,
  type GroupRow,
  OVERVIEW_TRAITS,
  type Overview,
  overviewOf,
  type PersonRow,
} from "./overview";
import css from "./style.css";

type Send = (kind: string, content: Record<string, unknown>) => void;

/** What the rows are drawn of, and how they tell what was pressed. */
interface Scene {
  overview: Overview;
  send: Send;
}

export function widget({ model, signal }: Context): Shown {
  const channel = new Channel(model, signal);
  const send: Send = (kind, content) => channel.send(kind, content);
  return { render: (view) => show(view, { model, signal }, send) };
}

function show(view: View, { model, signal }: Context, send: Send): void {
  addStyle(view.el, "rooms", `${css}\n${stateStyle}`);
  const box = document.createElement("section");
  box.className = "tnb-widget tnb-rooms";
  box.setAttribute("aria-label", t("Rooms"));
  keepKeys(box, view.signal);
  view.el.append(box);
  const problem = new Problem(() => update());
  const update = () => {
    const overview = overviewOf(model);
    const parts = [head(overview, signal.aborted), problem.box(said(textOf(model, "problem")))];
    const whole = html`${parts}<div class="tnb-rooms-list">${content({ overview, send })}</div>`;
    drawKeepingFocus(box, () => render(whole, box));
  };
  followTraits(model, [...OVERVIEW_TRAITS, "problem"], view.signal, update);
  signal.addEventListener("abort", update, { signal: view.signal });
}

function head({ isLive, refusal }: Overview, isClosed: boolean): TemplateResult {
  const isGood = isLive && !isClosed;
  const words = isClosed ? t("Run the cell again") : isLive ? t("Live") : t("Offline");
  return html`<div class="tnb-head"><span class="tnb-title">${t("Rooms")}</span
    ><span class="tnb-status" role="status" data-tone=${isGood ? "good" : "warn"} ?hidden=${refusal !== ""}
      >${symbol(isGood ? "●" : "⚠")}${words}</span></div>`;
}

function content(scene: Scene): unknown {
  const { refusal, groups, isLive, notes } = scene.overview;
  if (refusal) return note(said(refusal));
  if (!groups.length)
    return note(isLive ? t("There are no groups with people yet.") : t("Waiting for the hub …"));
  const sections = repeat(
    groups,
    ({ id }) => id,
    (group) => groupSection(group, scene),
  );
  return html`${notes.length ? note(notes.map(sentence).join(" ")) : nothing}${sections}`;
}

function note(words: string): TemplateResult {
  return html`<p class="tnb-rooms-note">${words}</p>`;
}

function groupSection(group: GroupRow, scene: Scene): TemplateResult {
  const people = repeat(
    group.people,
    ({ id }) => id,
    (person) => personRow(person, scene),
  );
  return html`<section aria-label=${group.name}>
    <h3 class="tnb-group-head"><span>${group.name}</span><small>${said(group.about)}</small></h3>
    <ul class="tnb-person-list">${people}</ul>
  </section>`;
}

function personRow(person: PersonRow, { overview, send }: Scene): TemplateResult {
  const observe = toggle(t("Observe"), person.is_observed, {
    isPlain: true,
    label: t("Observe {name}", { name: person.name }),
    about: t(
      "You are told at once whether {name} is here, and of what they change. In their notebooks they notice nothing of it.",
      { name: person.name },
    ),
    press: () => send("observe", { room: person.id, on: !person.is_observed }),
  });
  const role =
    person.role === "student" ? nothing : html` <small class="tnb-role">${roleWords(person.role)}</small>`;
  return html`<li>
    <div class="tnb-person-line">${symbol(person.sign)}<span class="tnb-person-name">${person.name}${role}</span
      ><span class="tnb-presence">${said(person.presence)}</span>${
        observe
      }${overview.hasLists ? documentsButton(person, overview, send) : nothing}</div>
    ${overview.shownUser === person.id ? documentList(overview, send) : nothing}
  </li>`;
}

function documentsButton({ id, name }: PersonRow, { shownUser }: Overview, send: Send): TemplateResult {
  const isShown = shownUser === id;
  const list = () => send("show_documents", { user: isShown ? "" : id });
  return html`<button type="button" class="tnb-button tnb-plain" aria-expanded=${isShown}
    aria-label=${t("Documents of {name}", { name })} @click=${list}>${symbol(isShown ? "▾" : "▸")}${t("Documents")}</button>`;
}

function documentList({ documents, listNote }: Overview, send: Send): TemplateResult {
  if (listNote) return note(sentence(listNote));
  const stated = withStates(documents, (row) => ({
    ...row,
    documentRootId: row.root_id,
    numberBelow: row.number_below ?? 0,
    parentId: row.parent_id,
  }));
  const rows = repeat(
    stated,
    ({ row }) => row.id,
    (row) => documentRow(row, send),
  );
  return html`<ul class="tnb-document-list">${rows}</ul>`;
}

function documentRow({ row, state }: StatedRow<DocumentRow>, send: Send): TemplateResult {
  const { name: title } = row;
  const open = toggle(row.is_open ? t("Opened") : t("Open"), row.is_open, {
    label: row.is_open ? t("Opened {title}", { title }) : t("Open {title}", { title }),
    press: () => send("open_document", { id: row.id }),
  });
  const watch = toggle(t("Observe all"), row.is_observed, {
    isPlain: true,
    label: t("Observe everybody in {title}", { title }),
    about: t(
      "You see how many connections are in the room of {title}. Whoever is there notices nothing of it in their notebook.",
      { title },
    ),
    press: () => send("observe", { room: row.root_id, on: !row.is_observed }),
  });
  const room = row.connections
    ? ` · ${t("1 connection in its room|{count} connections in its room", { count: row.connections })}`
    : "";
  return html`<li class="tnb-person-line"><span class="tnb-person-name">${row.name}</span
    ><span class="tnb-document-about">${stateBadge(state)}<small>${typeWords(row.type)} · ${t("changed {when}", { when: changedWords(row.changed) })}${room}</small></span
    ><span class="tnb-document-buttons">${watch}${open}</span></li>`;
}

function toggle(
  words: string,
  isOn: boolean,
  {
    label,
    about,
    press,
    isPlain,
  }: {
    label: string /** What it does, where its name does not say that. */;
    about?: string;
    press: () => void;
    isPlain?: boolean;
  },
): TemplateResult {
  const look = isPlain && !isOn ? "tnb-button tnb-plain" : "tnb-button";
  return html`<button type="button" class=${look} aria-pressed=${isOn} aria-label=${label} title=${about ?? nothing} @click=${press}
    >${isOn ? symbol("✓") : nothing}${words}</button>`;
}
