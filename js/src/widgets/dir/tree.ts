// The rows of a file tree: a tree as assistive technology knows it.
import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";
import type { Entry, Row } from "./entries";

/** A name that is being written: of something new, or another one. */
export interface Draft {
  kind: Entry["kind"];
  /** What is renamed; none for something new. */
  entry?: Entry;
  /** Where something new comes to stand; empty for the top. */
  folder: string;
  name: string;
}

export interface TreeOptions {
  label: string;
  rows: Row[];
  /** The row that has the focus when the tree has it. */
  active: string;
  draft?: Draft | null;
  /** Whose name need not stand at each row. */
  owner?: string;
  /** Files that are shown below. */
  opened?: ReadonlySet<string>;
  /** There is no kernel: this is what was known last. */
  isEnded?: boolean;
  press?(event: KeyboardEvent): void;
  choose?(entry: Entry): void;
  /** Show what is in a folder or not, or open a file. */
  enter?(entry: Entry): void;
  write?(name: string): void;
  /** Take the name that is being written, or not. */
  finish?(isTaken: boolean): void;
}

/** Of a name that another program has given: what is not seen, or has other signs written backwards. */
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

export function treeOf(options: TreeOptions): TemplateResult {
  const { draft, label, rows } = options;
  const draftBelow = (folder: string, level: number) =>
    draft && !draft.entry && draft.folder === folder ? draftRow(options, draft, level) : nothing;
  const lines = repeat(
    rows,
    ({ entry }) => entry.id,
    (row) => {
      const { entry, level } = row;
      const line = draft?.entry?.id === entry.id ? draftRow(options, draft, level) : entryRow(row, options);
      return html`${line}${draftBelow(entry.id, level + 1)}`;
    },
  );
  const isEmpty = !rows.length && !draft;
  return html`<div class="tnb-files-tree" role=${isEmpty ? "group" : "tree"} aria-label=${label} ?data-ended=${options.isEnded}
    tabindex=${isEmpty ? 0 : -1} @keydown=${options.press}>${draftBelow("", 1)}${lines}${
      isEmpty ? t("There are no files yet.") : nothing
    }</div>`;
}

function entryRow({ entry, level, position, size, isOpen }: Row, options: TreeOptions): TemplateResult {
  const isFolder = entry.kind === "dir";
  const isActive = entry.id === options.active;
  // A folder opens by a click, and not by the second one of two; a file by two, as people know it.
  const enter = () => options.enter?.(entry);
  const unfold = ({ detail }: MouseEvent) => detail > 1 || enter();
  return html`<div role="treeitem" data-entry=${entry.id} style="--tnb-level:${level - 1}" aria-level=${level}
    aria-posinset=${position} aria-setsize=${size} aria-selected=${isActive} aria-expanded=${isFolder ? isOpen : nothing}
    tabindex=${isActive ? 0 : -1} @focus=${() => options.choose?.(entry)} @click=${isFolder ? unfold : null}
    @dblclick=${isFolder ? null : enter}
    ><span class="tnb-files-twist">${isFolder ? symbol(isOpen ? "▾" : "▸") : nothing}</span>${symbol(
      isFolder ? "📁" : "📄",
    )}<bdi>${entry.name.replace(UNSEEN, "\ufffd")}</bdi>${about(entry, options)}</div>`;
}

/** What is said of an entry beside its name. */
function about({ id, author, oddity, contents }: Entry, { opened, owner }: TreeOptions): unknown {
  const unfit = t("⚠ stored under “{key}” is what does not fit", { key: oddity });
  const odd = {
    "":
      contents > 1
        ? t("⚠ another program has stored {count} contents: the oldest is shown", { count: contents })
        : "",
    lost: t("⚠ in no folder that is here"),
    name: unfit,
    isOpen: unfit,
    twice: t("⚠ the same name twice"),
  };
  const words = [
    opened?.has(id) ? t("open below") : "",
    author && author !== owner && t("of {name}", { name: author }),
    odd[oddity],
  ];
  return words.map((each) => (each ? html`<small>${each}</small>` : nothing));
}

function draftRow(
  { write, finish }: TreeOptions,
  { kind, entry, name }: Draft,
  level: number,
): TemplateResult {
  const isFolder = kind === "dir";
  const label = isFolder ? t("Name of the new folder") : t("Name of the new file");
  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    const isTaken = event.key === "Enter";
    if (event.isComposing || (!isTaken && event.key !== "Escape")) return;
    event.preventDefault();
    finish?.(isTaken);
  };
  return html`<div role="treeitem" aria-level=${level} aria-selected="true" style="--tnb-level:${level - 1}"><span
    class="tnb-files-twist"></span>${symbol(isFolder ? "📁" : "📄")}<input class="tnb-field" spellcheck="false" autocomplete="off"
    aria-label=${entry ? t("New name of “{name}”", { name: entry.name }) : label} .value=${live(name)}
    @input=${(event: Event) => write?.((event.target as HTMLInputElement).value)} @keydown=${press}></div>`;
}
