// Draws what a notebook's file holds of a document whose widget is lost.

import type { CodeCell } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { t } from "../text/words";

const WRITTEN = "text/markdown";
/** Where the kernel has marked an output as one of ours, in its metadata. */
const MARK = "teaching_nb";

const GREY = "var(--jp-ui-font-color2)";

interface Mark {
  /** Nothing of the document is in the file: what stands there invites to run the cell. */
  is_invitation?: boolean;
}

interface Lost {
  isLost: (place: HTMLElement) => boolean;
  /** Running the cell again would help nothing. */
  isToReopen: boolean;
}

/** Show it in the place of a widget that is lost still. */
export async function showKept(
  panel: NotebookPanel,
  place: HTMLElement,
  { isLost, isToReopen }: Lost,
): Promise<void> {
  const cell = panel.content.widgets.find(({ node }) => node.contains(place));
  if (!cell || !("outputArea" in cell)) return;
  const { outputArea } = cell as CodeCell;
  const index = outputArea.widgets.findIndex(({ node }) => node.contains(place));
  const output = index < 0 ? undefined : outputArea.model.get(index);
  const mark = output?.metadata[MARK] as Mark | undefined;
  if (!output || !mark || !(WRITTEN in output.data)) return;
  const written = outputArea.rendermime.createRenderer(WRITTEN);
  outputArea.disposed.connect(() => written.dispose());
  await written.renderModel(output);
  if (!isLost(place)) return;
  // The place is the widget's again when a kernel has it after all.
  const kept = document.createElement("div");
  for (const color of ["--jp-content-font-color0", "--jp-content-font-color1"])
    kept.style.setProperty(color, GREY);
  kept.style.color = GREY;
  const note = document.createElement("p");
  note.textContent = noteOf(mark, isToReopen);
  note.style.fontStyle = "italic";
  kept.append(note, written.node);
  place.replaceChildren(kept);
}

function noteOf({ is_invitation: isInvitation }: Mark, isToReopen: boolean): string {
  if (isToReopen)
    return t(
      "JupyterLab shows no widgets in a notebook that was opened without a kernel: close it, and open it again.",
    );
  if (isInvitation) return t("Run this cell to go on.");
  return t("This is what the notebook has kept. Run this cell to go on.");
}
