// A cell with other line ends than the hub's, and an editor: no change of its text would be understood by both, so an
// equal cell takes its place, which gets an editor of its own.
import type { INotebookModel } from "@jupyterlab/notebook";
import { cleaned } from "../text/text-rules";

type NewCell = Parameters<INotebookModel["sharedModel"]["insertCell"]>[1];

/** Put a cell with the same id, outputs and metadata, and line feeds, into a place; -1 is none. */
export function remade({ sharedModel }: INotebookModel, place: number): void {
  if (place < 0) return;
  const { source, ...kept } = sharedModel.getCell(place).toJSON();
  const text = cleaned(Array.isArray(source) ? source.join("") : source).text;
  sharedModel.transact(() => {
    sharedModel.deleteCell(place);
    sharedModel.insertCell(place, { ...kept, source: text } as NewCell);
  }, false);
}
