// Offers widgets a real cell in their place.

import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { isType } from "../cells/mark";
import type { RealCells, WidgetMark } from "../jupyter/real-cells";
import type { Courses } from "./courses";
import type { LiveNotebook } from "./live-notebook";
import { loaded } from "./loaded";

export interface MadeCellsOptions {
  tracker: INotebookTracker;
  courses: Courses;
  notebookOf: (panel: NotebookPanel) => LiveNotebook | null;
}

export class MadeCells implements RealCells {
  constructor(private readonly options: MadeCellsOptions) {}

  canMake(below: Element, { document, type }: WidgetMark): boolean {
    const panel = this.panelOf(below);
    const notebook = panel && this.options.notebookOf(panel);
    if (!notebook || !isType(type) || panel.content.model?.collaborative) return false;
    return !notebook.marks.names.has(document);
  }

  async make(below: Element, mark: WidgetMark, text: string): Promise<void> {
    const panel = this.panelOf(below);
    const notebook = panel && this.options.notebookOf(panel);
    if (!panel || !notebook) return;
    const { makeCell } = await loaded(import("./make-cell"));
    await makeCell({ panel, notebook, courses: this.options.courses }, below, mark, text);
  }

  private panelOf(element: Element): NotebookPanel | null {
    return this.options.tracker.find((panel) => panel.content.node.contains(element)) ?? null;
  }
}
