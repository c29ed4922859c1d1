// The notebooks that are open, as the panel “Class” lists them, and the way to a cell of theirs.

import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { LiveCell } from "../cells/live-cell";
import type { LiveNotebook } from "./live-notebook";

export interface NotebooksOptions {
  app: JupyterFrontEnd;
  tracker: INotebookTracker;
  notebooks: ReadonlyMap<NotebookPanel, LiveNotebook>;
}

export interface OpenNotebook {
  panel: NotebookPanel;
  title: string;
  cells: LiveCell[];
}

export class OpenNotebooks {
  constructor(private readonly options: NotebooksOptions) {}

  /** The active one first, with or without live cells; then those that have some, as they were opened. */
  get all(): OpenNotebook[] {
    const { notebooks, tracker } = this.options;
    const active = tracker.currentWidget;
    const panels = [...(active ? [active] : []), ...notebooks.keys()];
    const listed = new Map<LiveNotebook, OpenNotebook>();
    for (const panel of panels) {
      const notebook = notebooks.get(panel);
      // Several panels may show one notebook.
      if (!notebook || listed.has(notebook)) continue;
      const cells = notebook.liveCells;
      if (panel === active || cells.length) listed.set(notebook, { panel, title: panel.title.label, cells });
    }
    return [...listed.values()];
  }

  /** Lead the user to a cell. */
  show({ panel }: OpenNotebook, cell: LiveCell): void {
    const { app, notebooks, tracker } = this.options;
    const place = notebooks.get(panel)?.placeOf(cell) ?? -1;
    if (place < 0) return;
    if (panel !== tracker.currentWidget) app.shell.activateById(panel.id);
    panel.content.activeCellIndex = place;
    panel.content.activate();
    void panel.content.scrollToItem(place);
  }
}
