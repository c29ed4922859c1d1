// The teacher's overview: groups, who is here, what they have, and watching it.
import { Channel } from "../../jupyter/channel";
import { type Context, followTraits, type Shown, type View } from "../../jupyter/widget";
import { problemBox } from "../../status/problem";
import { h, symbol } from "../../ui/dom";
import { keepKeys } from "../../ui/keys";
import { addStyle } from "../../ui/styles";
import {
  changedWords,
  countOf,
  type DocumentRow,
  type GroupRow,
  groupLine,
  OVERVIEW_TRAITS,
  type Overview,
  overviewOf,
  type PersonRow,
  presenceWords,
} from "./overview";
import css from "./style.css";

type Send = (kind: string, content: Record<string, unknown>) => void;

export function rooms({ model, signal }: Context): Shown {
  const channel = new Channel(model, signal);
  const send: Send = (kind, content) => channel.send(kind, content);
  return {
    render(view) {
      render(view, { context: { model, signal }, send });
    },
  };
}

function render(view: View, { context, send }: { context: Context; send: Send }): void {
  const { model, signal } = context;
  addStyle(view.el, "rooms", css);
  const list = h("div", { class: "tnb-rooms-list" });
  const state = h("span", { class: "tnb-status", role: "status" });
  const head = h("div", { class: "tnb-head" }, h("span", { class: "tnb-title" }, "Rooms"), state);
  const box = h(
    "section",
    { class: "tnb-widget tnb-rooms", "aria-label": "Rooms" },
    head,
    problemBox(model, view.signal),
    list,
  );
  keepKeys(box, view.signal);
  view.el.append(box);
  const update = () => {
    const overview = overviewOf(model);
    const focused = box.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset.key
      : undefined;
    list.replaceChildren(...content(overview, send));
    if (focused) list.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    const isLive = overview.isLive && !signal.aborted;
    state.dataset.tone = isLive ? "good" : "warn";
    state.replaceChildren(
      symbol(isLive ? "●" : "⚠"),
      signal.aborted ? "Run the cell again" : isLive ? "Live" : "Offline",
    );
    state.hidden = overview.refusal !== "";
  };
  followTraits(model, OVERVIEW_TRAITS, view.signal, update);
  signal.addEventListener("abort", update);
}

function content(overview: Overview, send: Send): HTMLElement[] {
  if (overview.refusal) return [h("p", { class: "tnb-rooms-note" }, overview.refusal)];
  if (!overview.groups.length) {
    const words = overview.isLive ? "There are no groups with people yet." : "Waiting for the hub …";
    return [h("p", { class: "tnb-rooms-note" }, words)];
  }
  return overview.groups.map((group) => groupSection(group, overview, send));
}

function groupSection(group: GroupRow, overview: Overview, send: Send): HTMLElement {
  const heading = h(
    "h3",
    { class: "tnb-group-head" },
    h("span", {}, group.name),
    h("small", {}, groupLine(group)),
  );
  const rows = group.people.map((person) => personRow(group, person, { overview, send }));
  return h("section", { "aria-label": group.name }, heading, h("ul", { class: "tnb-person-list" }, ...rows));
}

function personRow(
  group: GroupRow,
  person: PersonRow,
  { overview, send }: { overview: Overview; send: Send },
): HTMLElement {
  const isHere = person.connections > 0;
  const isShown = overview.shownUser === person.id;
  const dot = symbol(isHere ? "●" : "○");
  const observe = toggle("Observe", person.is_observed, {
    key: `observe ${group.id} ${person.id}`,
    label: `Observe ${person.name}`,
    press: () => send("observe", { room: person.id, on: !person.is_observed }),
  });
  const documents = h(
    "button",
    {
      type: "button",
      class: "tnb-button tnb-plain",
      "aria-expanded": String(isShown),
      "aria-label": `Documents of ${person.name}`,
      "data-key": `documents ${group.id} ${person.id}`,
    },
    symbol(isShown ? "▾" : "▸"),
    "Documents",
  );
  documents.addEventListener("click", () => send("show_documents", { user: isShown ? "" : person.id }));
  const name = h("span", { class: "tnb-person-name" }, person.name);
  if (person.role !== "student") name.append(" ", h("small", { class: "tnb-role" }, person.role));
  const words = h("span", { class: "tnb-presence" }, presenceWords(person.connections));
  const line = h("div", { class: "tnb-person-line" }, dot, name, words, observe, documents);
  return h("li", {}, line, ...(isShown ? [documentList(overview.documents, group, send)] : []));
}

function documentList(documents: DocumentRow[], group: GroupRow, send: Send): HTMLElement {
  if (!documents.length) return h("p", { class: "tnb-rooms-note" }, "No documents yet.");
  return h("ul", { class: "tnb-document-list" }, ...documents.map((row) => documentRow(row, group, send)));
}

function documentRow(row: DocumentRow, group: GroupRow, send: Send): HTMLElement {
  const open = toggle(row.is_open ? "Opened" : "Open", row.is_open, {
    key: `open ${group.id} ${row.id}`,
    label: `${row.is_open ? "Opened" : "Open"} ${row.name}`,
    press: () => send("open_document", { id: row.id }),
  });
  const watch = toggle("Observe root", row.is_observed, {
    key: `root ${group.id} ${row.id}`,
    label: `Observe everybody in ${row.name}`,
    press: () => send("observe", { room: row.root_id, on: !row.is_observed }),
  });
  const room = row.connections
    ? ` · ${countOf(row.connections, "connection", "connections")} in its room`
    : "";
  const about = h("small", {}, `${row.type.replace("_", " ")} · changed ${changedWords(row.changed)}${room}`);
  return h(
    "li",
    { class: "tnb-person-line" },
    h("span", { class: "tnb-person-name" }, row.name),
    about,
    watch,
    open,
  );
}

function toggle(
  words: string,
  isOn: boolean,
  { key, label, press }: { key: string; label: string; press: () => void },
): HTMLButtonElement {
  const attributes = {
    type: "button",
    class: "tnb-button",
    "aria-pressed": String(isOn),
    "aria-label": label,
    "data-key": key,
  };
  const button = h("button", attributes, ...(isOn ? [symbol("✓")] : []), words);
  button.addEventListener("click", press);
  return button;
}
