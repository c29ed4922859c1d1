// What the documents of this page hold, for whoever saves the notebook: JupyterLab's extension is another bundle than the
// widgets, and finds them here by the id of their widget.
import type { Written } from "../text/written";

/** An output as the file is to have it now; null where it is so already, or that is no part of the notebook's file. */
export type Rewrite = (written: Written) => Written | null;

const KEY = Symbol.for("teaching_nb kept documents 2");

/** Widget → what makes its output hold what its document does. */
export function keptDocuments(): Map<string, Rewrite> {
  const page = globalThis as { [KEY]?: Map<string, Rewrite> };
  page[KEY] ??= new Map();
  return page[KEY];
}
