// Puts a real cell into the place of a widget: below the cell that shows it, which can go then.

import { Notification } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { asObject, isType, KEY, type Mark } from "../cells/mark";
import type { WidgetMark } from "../jupyter/real-cells";
import { t } from "../text/words";
import type { Courses } from "./courses";
import type { LiveNotebook } from "./live-notebook";
import type { SharedCell } from "./shared-cell";

interface Place {
  panel: NotebookPanel;
  notebook: LiveNotebook;
  courses: Courses;
}

export async function makeCell(
  { courses, notebook, panel }: Place,
  below: Element,
  { course, document, shared, type }: WidgetMark,
  text: string,
): Promise<void> {
  const model = panel.content.model?.sharedModel;
  if (!model || !isType(type)) return;
  const place = panel.content.widgets.findIndex(({ node }) => node.contains(below));
  await courses.remember(course);
  if (notebook.marks.course !== course)
    model.setMetadata(KEY, { ...asObject(model.getMetadata(KEY)), course });
  notebook.allow();
  const source = model.cells[place]?.getId();
  model.insertCell(place + 1, { cell_type: type === "code" ? "code" : "markdown", source: text });
  const mark: Mark = { document, type, shared, base: text };
  notebook.mark(model.cells[place + 1] as unknown as SharedCell, mark);
  panel.content.activeCellIndex = place + 1;
  panel.content.mode = "edit";
  void panel.content.scrollToItem(place + 1);
  offerToDelete(panel, document, source);
}

function offerToDelete(panel: NotebookPanel, document: string, source: string | undefined): void {
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
