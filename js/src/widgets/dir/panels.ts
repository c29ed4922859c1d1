// What is asked before something is deleted, moved, or written into the kernel's working folder.
import { html, type TemplateResult } from "lit-html";
import { t } from "../../text/words";
import { type Entry, pathOf, placesFor } from "./entries";
import type { Written } from "./files-session";

export type Panel =
  /** `known` is what the user is told is in it. */
  | { kind: "delete"; entry: Entry; known: Entry[] }
  | { kind: "move"; entry: Entry; choice: string }
  /** The choice is empty for everything. */
  | { kind: "write"; choice: string; differing: Written["differing"] };

export interface PanelOptions {
  panel: Panel;
  entries: Entry[];
  /** What is chosen in the tree. */
  active: Entry | undefined;
  /** The kernel's working folder. */
  folder: string;
  choose(choice: string): void;
  agree(): void;
  cancel(): void;
}

export function panelOf(options: PanelOptions): TemplateResult {
  const [question, verb, body, canAgree = true] = contentOf(options);
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    options.cancel();
  };
  return html`<div class="tnb-detail tnb-files-panel" role="alertdialog" aria-label=${question} @keydown=${press}
    ><p>${question}</p>${body}<p><button type="button" class="tnb-button" @click=${() => options.cancel()}>${t("Cancel")}</button
    > <button type="button" class="tnb-button" ?disabled=${!canAgree} @click=${() => options.agree()}>${verb}</button></p></div>`;
}

/** The question, what is pressed to agree, what stands between them, and whether one can agree. */
function contentOf(options: PanelOptions): [string, string, unknown, boolean?] {
  const { panel, entries, active, folder } = options;
  if (panel.kind === "move") {
    const { name } = panel.entry;
    const places = placesFor(entries, panel.entry);
    const select = places.length
      ? choiceOf(options, t("Folder"), places, panel.choice)
      : t("There is no other folder yet.");
    return [t("Move “{name}” to", { name }), t("Move"), select, places.length > 0];
  }
  if (panel.kind === "delete") {
    const { entry, known } = panel;
    const words = [whose(known), t("This cannot be undone.")];
    return [deletion(entry, known.length), t("Delete"), html`<p>${words.join(" ")}</p>`];
  }
  const count = panel.differing.length;
  if (!count) {
    const all = { id: "", path: t("Everything") };
    const one = active ? [{ id: active.id, path: pathOf(entries, active.id) }] : [];
    const select = choiceOf(options, t("What"), [all, ...one], panel.choice);
    return [t("Write into {folder}:", { folder }), t("Write"), select];
  }
  const question = t(
    "1 file is something else in {folder}. Overwrite it?|{count} files are something else in {folder}. Overwrite them?",
    { count, folder },
  );
  return [
    question,
    t("Overwrite"),
    html`<ul>${panel.differing.map(({ path }) => html`<li>${path}</li>`)}</ul>`,
  ];
}

function deletion({ name }: Entry, count: number): string {
  if (!count) return t("Delete “{name}”?", { name });
  return t(
    "Delete “{name}” with the one thing that is in it?|Delete “{name}” with the {count} things that are in it?",
    { name, count },
  );
}

/** How much of what is in a folder is not the user's; empty for none. */
function whose(known: Entry[]): string {
  const count = known.filter(({ author }) => author !== "").length;
  if (!count) return "";
  return count === known.length
    ? t("It belongs to somebody else.|All of them belong to others.", { count })
    : t("One of them belongs to somebody else.|{count} of them belong to others.", { count });
}

function choiceOf(
  { choose }: PanelOptions,
  label: string,
  choices: { id: string; path: string }[],
  chosen: string,
): TemplateResult {
  return html`<select class="tnb-field" aria-label=${label} @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>${choices.map(
    ({ id, path }) => html`<option value=${id} ?selected=${id === chosen}>${path || t("the top")}</option>`,
  )}</select>`;
}

/** What came of it, in a sentence. */
export function writtenWords({ folder, written, left_out: leftOut }: Written): string {
  const files = written.join(", ");
  const done = files
    ? t("Written into {folder}: {files}.", { folder, files })
    : t("Nothing had to be written into {folder}: it is all there.", { folder });
  const not = leftOut.length
    ? t("Not written, for it is no text: {files}.", { files: leftOut.join(", ") })
    : "";
  return `${done} ${not}`;
}
