// Dialogs with a name for screen readers, which JupyterLab's own do not have: they would read "dialog" and the first field.
import { Dialog } from "@jupyterlab/apputils";

export type Question<T> = Partial<Dialog.IOptions<T>> & { title: string };

export function ask<T>(question: Question<T>): Promise<Dialog.IResult<T>> {
  const dialog = new Dialog(question);
  dialog.node.setAttribute("aria-label", question.title);
  return dialog.launch();
}
