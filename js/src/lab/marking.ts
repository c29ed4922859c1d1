// The commands that make a cell live, change how, and take it back: in the palette, the context menu, the toolbar of
// the cell and on a key.

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ICommandPalette } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { t } from "../text/words";
import type { Courses } from "./courses";
import type { ServerHub } from "./hub";
import { liveIcon } from "./icon";
import type { LiveNotebook } from "./live-notebook";
import { loaded } from "./loaded";
import type { SharedCell } from "./shared-cell";

export const MARK = "teaching-nb:mark-cell";
export const CONNECT = "teaching-nb:connect";
export const ASK_FOR_RUNS = "teaching-nb:ask-for-runs";

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
      const { changeMark } = await loaded(import("./change-mark"));
      await changeMark(found, hub, courses);
    },
  });
  app.commands.addCommand(CONNECT, {
    label: t("Connect the Live Cells of This Notebook"),
    isEnabled: () => active() !== null,
    describedBy: { args: { type: "object", properties: {} } },
    execute: async () => {
      const notebook = active()?.notebook;
      if (!notebook) return;
      const { refusesCourse } = await loaded(import("./change-mark"));
      if (await refusesCourse(notebook)) return;
      await courses.remember(notebook.marks.course);
      notebook.allow();
    },
  });
  app.commands.addCommand(ASK_FOR_RUNS, {
    label: t("Let Teachers See the Last Runs of This Notebook"),
    caption: t(
      "Whoever opens the notebook is asked whether their teachers may see how runs of their own live cells end",
    ),
    isEnabled: () => active() !== null,
    isToggled: () => active()?.notebook.marks.asksForRuns === true,
    describedBy: { args: { type: "object", properties: {} } },
    execute: () => active()?.notebook.askForRuns(!active()?.notebook.marks.asksForRuns),
  });
  for (const command of [MARK, CONNECT, ASK_FOR_RUNS]) palette?.addItem({ command, category: t("Teaching") });
}
