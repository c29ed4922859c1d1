// Puts a real cell into the place of a widget: below the cell that shows it, which can go then.

import { Dialog, Notification } from "@jupyterlab/apputils";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { asObject, isType, KEY, type Mark } from "../cells/mark";
import type { WidgetMark } from "../jupyter/real-cells";
import { t } from "../text/words";
import type { Courses } from "./courses";
import { ask } from "./dialogs";
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
  // The notebook's own course counts for all of its cells.
  const isElsewhere = isSettled(notebook) && notebook.marks.course !== course;
  if (isElsewhere && !(await isMeant(document, course, notebook.marks.course))) return;
  const place = panel.content.widgets.findIndex(({ node }) => node.contains(below));
  await courses.remember(isElsewhere ? notebook.marks.course : course);
  if (!isElsewhere && notebook.marks.course !== course)
    model.setMetadata(KEY, { ...asObject(model.getMetadata(KEY)), course });
  notebook.allow();
  const source = model.cells[place]?.getId();
  model.insertCell(place + 1, { cell_type: type === "code" ? "code" : "markdown", source: text });
  // In another course it is another document, which may have another text already.
  const mark: Mark = { document, type, shared, ...(isElsewhere ? {} : { base: text }) };
  notebook.mark(model.cells[place + 1] as unknown as SharedCell, mark);
  panel.content.activeCellIndex = place + 1;
  panel.content.mode = "edit";
  void panel.content.scrollToItem(place + 1);
  offerToDelete(panel, document, source);
}

/** Whether the notebook has a course, or cells that are live without one. */
function isSettled({ marks }: LiveNotebook): boolean {
  return !marks.wrongCourse && (marks.course !== "" || marks.names.size > 0);
}

/** Whether the user wants a document of the notebook's course in the place of that of another one. */
async function isMeant(name: string, theirs: string, course: string): Promise<boolean> {
  const { button } = await ask({
    title: t("Make it a real cell"),
    body: t(
      "“{name}” belongs to {theirs} here, and this notebook to {course}. The cell gets another document, beginning with this text; the one shown here stays. To show that of the notebook, call tnb.connect(course=…) first.",
      { name, theirs: courseWords(theirs), course: courseWords(course) },
    ),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: t("Make it a real cell") })],
  });
  return button.accept;
}

function courseWords(course: string): string {
  return course ? t("the course “{course}”", { course }) : t("no course");
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
