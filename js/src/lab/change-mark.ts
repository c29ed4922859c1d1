// Asks how a cell is to be live, and marks it so.

import { Dialog } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { freshName, type Mark, rootId, typeFor } from "../cells/mark";
import { t } from "../text/words";
import type { Courses } from "./courses";
import { ask } from "./dialogs";
import type { ServerHub } from "./hub";
import type { LiveNotebook, SharedCell } from "./live-notebook";
import { MarkForm } from "./mark-form";

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
  await courses.remember(notebook.course);
  notebook.allow();
  const old = notebook.liveCell(cell)?.mark ?? null;
  const offered = old ?? (await offer(panel, cell, notebook, hub));
  const names = new Set([...notebook.names].filter((name) => name !== old?.document));
  const form = new MarkForm(offered, old !== null, names);
  const { button, value } = await ask({
    title: old ? t("Live cell “{name}”", { name: old.document }) : t("Make this cell live"),
    body: form,
    buttons: [
      Dialog.cancelButton(),
      ...(old ? [Dialog.warnButton({ label: t("No longer live"), actions: ["remove"] })] : []),
      Dialog.okButton({ label: old ? t("Change") : t("Make live") }),
    ],
    focusNodeSelector: "input",
  });
  if (button.actions.includes("remove")) notebook.mark(cell, null);
  else if (button.accept && value) notebook.mark(cell, value);
}

/** A mark for a cell that has none: named after the heading above it. */
async function offer(
  panel: NotebookPanel,
  cell: SharedCell,
  notebook: LiveNotebook,
  hub: ServerHub,
): Promise<Mark> {
  const taken = notebook.names;
  const words = headingAbove(panel, cell);
  let name = freshName(words, taken);
  for (let tried = 0; tried < MOST_TRIED; tried += 1) {
    if (!(await isTaken(name, notebook.course, hub))) break;
    taken.add(name);
    name = freshName(words, taken);
  }
  return { document: name, type: typeFor(cell.cell_type), shared: false };
}

async function isTaken(name: string, course: string, hub: ServerHub): Promise<boolean> {
  try {
    return await hub.hasRoot(rootId(name, course));
  } catch {
    // Without a hub any name will do; the user sees another text if it is taken.
    return false;
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
