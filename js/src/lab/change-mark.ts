// Asks how a cell is to be live, and marks it so.

import { Dialog } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { asObject, freshName, isName, KEY, type Mark, rootsOf, typeFor } from "../cells/mark";
import { Refusal } from "../cells/refusal";
import { sentence } from "../text/sentence";
import { t } from "../text/words";
import type { Courses } from "./courses";
import { ask } from "./dialogs";
import type { ServerHub } from "./hub";
import { lackingHere, noLiveCellsWords } from "./lacking";
import type { LiveNotebook } from "./live-notebook";
import { MarkForm, type MarkFormOptions } from "./mark-form";
import type { SharedCell } from "./shared-cell";

/** Names that are looked for at the hub before the user is offered one that may be taken. */
const MOST_TRIED = 5;

/** A cell, and where it stands. */
export interface Marked {
  panel: NotebookPanel;
  cell: SharedCell;
  notebook: LiveNotebook;
}

export async function changeMark(
  { panel, cell, notebook }: Marked,
  hub: ServerHub,
  courses: Courses,
): Promise<void> {
  if (panel.content.model?.collaborative) {
    await ask({
      title: t("This notebook is shared already"),
      body: t(
        "JupyterLab's own collaboration shares the whole notebook. Cells cannot be live documents besides.",
      ),
      buttons: [Dialog.okButton()],
    });
    return;
  }
  if (await refusesCourse(notebook)) return;
  const old = notebook.marks.of(cell);
  const none = noLiveCellsWords(await lackingHere());
  if (none && !old) {
    await ask({ title: t("This cell cannot be live"), body: none, buttons: [Dialog.okButton()] });
    return;
  }
  const written = old ?? writtenMark(cell);
  const offered = written ?? (await offer(panel, cell, notebook, hub));
  const names = new Set([...notebook.marks.names].filter((name) => name !== old?.document));
  const wanted = await wantedMark({
    offered,
    isLive: written !== null,
    taken: names,
    course: notebook.marks.course,
    mayHandOut: await mayHandOut(hub),
  });
  if (wanted === undefined) return;
  const isNew = wanted !== null && wanted.document !== offered.document;
  if (
    isNew &&
    (await isTaken(wanted.document, notebook.marks.course, hub)) &&
    !(await isMeant(wanted.document))
  )
    return;
  if (wanted) {
    // Only now: whoever cancels has connected nothing.
    await courses.remember(notebook.marks.course);
    notebook.allow();
  }
  notebook.mark(cell, wanted);
}

/** Whether the notebook's course is none; then the user is told. */
export async function refusesCourse({ marks }: LiveNotebook): Promise<boolean> {
  const { wrongCourse } = marks;
  if (!wrongCourse) return false;
  const next = t("Write another one into the metadata of the notebook: “course” below “teaching_nb”.");
  await ask({
    title: t("The course of this notebook cannot be used"),
    body: `${sentence(wrongCourse)} ${next}`,
    buttons: [Dialog.okButton()],
  });
  return true;
}

/** What the user wants: null for a cell that is live no longer, undefined when they cancel. */
async function wantedMark(options: MarkFormOptions): Promise<Mark | null | undefined> {
  const { isLive, offered } = options;
  for (let form = new MarkForm(options); ; form = new MarkForm(options, form)) {
    const { button, value } = await ask({
      title: isLive ? t("Live cell “{name}”", { name: offered.document }) : t("Make this cell live"),
      body: form,
      buttons: [
        Dialog.cancelButton(),
        ...(isLive ? [Dialog.warnButton({ label: t("No longer live"), actions: ["remove"] })] : []),
        Dialog.okButton({ label: isLive ? t("Change") : t("Make live") }),
      ],
      focusNodeSelector: "input",
    });
    if (button.actions.includes("remove")) return null;
    if (!button.accept) return undefined;
    // JupyterLab's dialog cannot be kept open: another one says what is wrong.
    if (value) return value;
  }
}

/** Whether the user has meant a document that is there already, with its text. */
async function isMeant(name: string): Promise<boolean> {
  const { button } = await ask({
    title: t("“{name}” is there already", { name }),
    body: t(
      "The cell will show what is written there. What it holds now is kept beside it until you decide.",
    ),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: t("Show it here") })],
  });
  return button.accept;
}

/** Whether the user may give out what others only read; taken for granted while the hub is away. */
async function mayHandOut(hub: ServerHub): Promise<boolean> {
  try {
    return (await hub.me()).isElevated === true;
  } catch {
    return true;
  }
}

/** What can be taken of a mark that is none, for a cell of this type; null where it names no document. */
function writtenMark(cell: SharedCell): Mark | null {
  const { document, shared } = asObject(cell.getMetadata(KEY));
  if (typeof document !== "string" || !isName(document)) return null;
  const isShared = shared === true || shared === "read";
  return { document, type: typeFor(cell.cell_type), shared: isShared ? shared : false };
}

/** A mark for a cell that has none: named after the heading above it. */
async function offer(
  panel: NotebookPanel,
  cell: SharedCell,
  notebook: LiveNotebook,
  hub: ServerHub,
): Promise<Mark> {
  const taken = notebook.marks.names;
  const words = headingAbove(panel, cell);
  let name = freshName(words, taken);
  for (let tried = 0; tried < MOST_TRIED; tried += 1) {
    if (!(await isTaken(name, notebook.marks.course, hub))) break;
    taken.add(name);
    name = freshName(words, taken);
  }
  return { document: name, type: typeFor(cell.cell_type), shared: false };
}

async function isTaken(name: string, course: string, hub: ServerHub): Promise<boolean> {
  try {
    const found = await Promise.all(rootsOf(name, course).map((root) => hasRoot(root, hub)));
    return found.includes(true);
  } catch {
    // Without a hub any name will do; the user sees another text if it is taken.
    return false;
  }
}

/** Whether a document root exists: what the user may not see is said to be no object. */
async function hasRoot(id: string, hub: ServerHub): Promise<boolean> {
  try {
    const root = await hub.ask(`documentRoots/${id}`);
    return typeof root === "object" && root !== null && "id" in root;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** The words of the last heading before a cell; empty without one. */
function headingAbove(panel: NotebookPanel, cell: SharedCell): string {
  const cells = (panel.content.model?.sharedModel.cells ?? []) as unknown as SharedCell[];
  const before = cells.slice(0, cells.indexOf(cell) + 1).reverse();
  for (const one of before) {
    const heading =
      one.cell_type === "markdown"
        ? /^#{1,6}\s+(.+)$/m.exec((one as SharedCell & { source: string }).source)
        : null;
    if (heading) return heading[1] ?? "";
  }
  return "";
}
