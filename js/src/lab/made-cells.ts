// Puts a real cell into the place of a widget: below the cell that shows it, which can go then.

import { Notification } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import { asObject, isType, KEY, type Mark } from "../cells/mark";
import type { RealCells, WidgetMark } from "../jupyter/real-cells";
import { t } from "../text/words";
import type { Courses } from "./courses";
import type { LiveNotebook, SharedCell } from "./live-notebook";

export interface MadeCellsOptions {
  tracker: INotebookTracker;
  courses: Courses;
  notebookOf: (panel: NotebookPanel) => LiveNotebook | null;
}

export class MadeCells implements RealCells {
  constructor(private readonly options: MadeCellsOptions) {}

  canMake(below: Element, { document, type, course }: WidgetMark): boolean {
    const panel = this.panelOf(below);
    const notebook = panel && this.options.notebookOf(panel);
    if (!notebook || !isType(type) || panel.content.model?.collaborative) return false;
    // The notebook's own course counts for all of its cells.
    return !notebook.names.has(document) && (notebook.course === course || notebook.names.size === 0);
  }

  async make(below: Element, { course, document, shared, type }: WidgetMark, text: string): Promise<void> {
    const panel = this.panelOf(below);
    const notebook = panel && this.options.notebookOf(panel);
    const model = panel?.content.model?.sharedModel;
    if (!panel || !notebook || !model || !isType(type)) return;
    const place = panel.content.widgets.findIndex(({ node }) => node.contains(below));
    await this.options.courses.remember(course);
    if (notebook.course !== course) model.setMetadata(KEY, { ...asObject(model.getMetadata(KEY)), course });
    notebook.allow();
    const source = model.cells[place]?.getId();
    model.insertCell(place + 1, { cell_type: type === "code" ? "code" : "markdown", source: text });
    const mark: Mark = { document, type, shared, base: text };
    notebook.mark(model.cells[place + 1] as unknown as SharedCell, mark);
    panel.content.activeCellIndex = place + 1;
    panel.content.mode = "edit";
    void panel.content.scrollToItem(place + 1);
    this.offerToDelete(panel, document, source);
  }

  private offerToDelete(panel: NotebookPanel, document: string, source: string | undefined): void {
    const remove = () => {
      const model = panel.isDisposed ? null : panel.content.model?.sharedModel;
      const place = model?.cells.findIndex((cell) => cell.getId() === source) ?? -1;
      if (place >= 0) model?.deleteCell(place);
    };
    Notification.success(
      t("“{name}” is a real cell now. The cell above it is needed no longer.", { name: document }),
      {
        autoClose: 20_000,
        actions: [{ label: t("Delete it"), callback: remove }],
      },
    );
  }

  private panelOf(element: Element): NotebookPanel | null {
    return this.options.tracker.find((panel) => panel.content.node.contains(element)) ?? null;
  }
}
