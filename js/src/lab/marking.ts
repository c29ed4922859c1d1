// The command that makes a cell live, changes how, and takes it back: in the palette, the context menu, the toolbar of
// the cell and on a key.

import type { JupyterFrontEnd } from "@jupyterlab/application";
import { Dialog, type ICommandPalette } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { freshName, type Mark, rootId, typeFor } from "../cells/mark";
import { t } from "../text/words";
import type { Courses } from "./courses";
import { ask } from "./dialogs";
import type { ServerHub } from "./hub";
import { liveIcon } from "./icon";
import type { LiveNotebook, SharedCell } from "./live-notebook";
import { loaded } from "./loaded";

export const MARK = "teaching-nb:mark-cell";
export const CONNECT = "teaching-nb:connect";
export const ASK_FOR_RUNS = "teaching-nb:ask-for-runs";

/** Names that are looked for at the hub before the user is offered one that may be taken. */
const MOST_TRIED = 5;

export interface MarkingOptions {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  palette: ICommandPalette | null;
  hub: ServerHub;
  courses: Courses;
  notebookOf: (panel: NotebookPanel) => LiveNotebook | null;
}

export function addMarking({ app, tracker, palette, hub, courses, notebookOf }: MarkingOptions): void {
  const active = () => {
    const panel = tracker.currentWidget;
    const cell = tracker.activeCell?.model.sharedModel as unknown as SharedCell | undefined;
    const notebook = panel && notebookOf(panel);
    return panel && cell && notebook ? { panel, cell, notebook } : null;
  };
  app.commands.addCommand(MARK, {
    label: () =>
      active()?.notebook.liveCell(active()?.cell as SharedCell) ? t("Live Cell…") : t("Make This Cell Live…"),
    caption: t("Let others see and edit the text of this cell while it is written"),
    icon: ({ toolbar }) => (toolbar ? liveIcon : undefined),
    isEnabled: () => active() !== null,
    describedBy: { args: { type: "object", properties: { toolbar: { type: "boolean" } } } },
    execute: async () => {
      const found = active();
      if (!found) return;
      const { panel, cell, notebook } = found;
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
      const { MarkForm } = await loaded(import("./mark-form"));
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
    },
  });
  app.commands.addCommand(CONNECT, {
    label: t("Connect the Live Cells of This Notebook"),
    isEnabled: () => active() !== null,
    describedBy: { args: { type: "object", properties: {} } },
    execute: async () => {
      const notebook = active()?.notebook;
      if (!notebook) return;
      await courses.remember(notebook.course);
      notebook.allow();
    },
  });
  app.commands.addCommand(ASK_FOR_RUNS, {
    label: t("Let Teachers See the Last Runs of This Notebook"),
    caption: t(
      "Whoever opens the notebook is asked whether their teachers may see how runs of their own live cells end",
    ),
    isEnabled: () => active() !== null,
    isToggled: () => active()?.notebook.asksForRuns === true,
    describedBy: { args: { type: "object", properties: {} } },
    execute: () => active()?.notebook.askForRuns(!active()?.notebook.asksForRuns),
  });
  for (const command of [MARK, CONNECT, ASK_FOR_RUNS]) palette?.addItem({ command, category: "Teaching" });
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
  const cells = (panel.content.model?.sharedModel.cells ?? []) as unknown as (SharedCell & {
    source: string;
  })[];
  const before = cells.slice(0, cells.indexOf(cell) + 1).reverse();
  for (const one of before) {
    const heading = one.cell_type === "markdown" ? /^#{1,6}\s+(.+)$/m.exec(one.source) : null;
    if (heading) return heading[1] ?? "";
  }
  return "";
}
