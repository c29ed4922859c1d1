// Puts the panel “Class” into JupyterLab and Notebook, with a command that shows it.

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { ICommandPalette } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { t } from "../text/words";
import { ClassPanel } from "./class-panel";
import type { ServerHub } from "./hub";
import { liveIcon } from "./icon";
import type { LiveNotebook } from "./live-notebook";
import type { Watching } from "./watching";

export const SHOW_CLASS = "teaching-nb:show-class";

/** Below the table of contents and the running kernels. */
const RANK = 320;

export interface ClassPanelPlace {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  palette: ICommandPalette | null;
  hub: ServerHub;
  notebooks: Map<NotebookPanel, LiveNotebook>;
  watching: Watching;
}

export function addClassPanel({
  app,
  tracker,
  palette,
  hub,
  notebooks,
  watching,
}: ClassPanelPlace): ClassPanel {
  const panel = new ClassPanel({
    hub,
    app,
    tracker,
    notebooks,
    watch: (watched) => void watching.show(watched),
  });
  panel.title.icon = liveIcon;
  panel.title.caption = t("Class");
  app.shell.add(panel, "left", { rank: RANK });
  tracker.currentChanged.connect(() => panel.changed());
  app.commands.addCommand(SHOW_CLASS, {
    label: t("Show Class Panel"),
    describedBy: { args: { type: "object", properties: {} } },
    execute: () => {
      const { shell } = app as { shell: { expandLeft?: (id: string) => void } };
      // Notebook has no left area of its own until it is opened with a panel; JupyterLab opens it by itself.
      if (shell.expandLeft && !("layoutModified" in shell)) {
        shell.expandLeft(panel.id);
        panel.activate();
      } else app.shell.activateById(panel.id);
    },
  });
  palette?.addItem({ command: SHOW_CLASS, category: t("Teaching") });
  return panel;
}
