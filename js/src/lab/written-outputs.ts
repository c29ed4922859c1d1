// While a notebook is saved, its outputs get what their documents hold now: the file is read where nothing of us runs.
// What is shown stays as it is; JupyterLab would build a widget anew whose output has changed.
import type { ISharedCodeCell, YCodeCell } from "@jupyter/ydoc";
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { INotebookModel } from "@jupyterlab/notebook";
import { keptDocuments } from "../jupyter/kept-documents";
import type { Written } from "../text/written";

const WIDGET = "application/vnd.jupyter.widget-view+json";
/** Of changes that the shared model tells nobody, as of those that JupyterLab itself has shown before. */
const SILENT = "silent-change";

type Output = ReturnType<ISharedCodeCell["getOutputs"]>[number];

export function writeOutputs(context: DocumentRegistry.IContext<INotebookModel>): void {
  context.saveState.connect((_context, state) => {
    // What jupyter-collaboration shares is saved by the server, and others would see their widgets built anew.
    if (state !== "started" || context.model.collaborative || !keptDocuments().size) return;
    for (const cell of context.model.sharedModel.cells) if (isCode(cell)) writeInto(cell);
  });
}

function isCode(cell: { cell_type: unknown }): cell is ISharedCodeCell {
  return cell.cell_type === "code";
}

function writeInto(cell: ISharedCodeCell): void {
  // What it can be told besides stands in no interface.
  const written = cell as YCodeCell;
  for (const [index, output] of cell.getOutputs().entries()) {
    const data = freshData(output);
    if (data) written.updateOutputs(index, index + 1, [{ ...output, data } as Output], SILENT);
  }
}

function freshData(output: Output): object | null {
  const { data } = output as { data?: Record<string, unknown> };
  const { model_id } = (data?.[WIDGET] ?? {}) as { model_id?: unknown };
  const rewrite = typeof model_id === "string" ? keptDocuments().get(model_id) : undefined;
  if (!data || !rewrite) return null;
  const [plain, markdown] = [data["text/plain"], data["text/markdown"]].map(joined);
  if (plain === undefined || markdown === undefined) return null;
  const written: Written = { "text/plain": plain, "text/markdown": markdown };
  const fresh = rewrite(written);
  return fresh && { ...data, ...fresh };
}

/** A text of a notebook's file may be a list of lines. */
function joined(text: unknown): string | undefined {
  return Array.isArray(text) ? text.join("") : typeof text === "string" ? text : undefined;
}
