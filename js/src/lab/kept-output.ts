// Draws what a notebook's file holds of a document whose widget is lost.

import type { CodeCell } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { t } from "../text/words";

const WRITTEN = "text/markdown";
/** Where the kernel has marked an output as one of ours, in its metadata. */
const MARK = "teaching_nb";

interface Mark {
  /** Nothing of the document is in the file: what stands there invites to run the cell. */
  is_invitation?: boolean;
}

/** Show it in the place of a widget that is lost still. */
export async function showKept(
  panel: NotebookPanel,
  place: HTMLElement,
  isLost: (place: HTMLElement) => boolean,
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
  kept.style.color = "var(--jp-ui-font-color2)";
  const note = document.createElement("p");
  note.textContent = mark.is_invitation
    ? t("Run this cell to go on.")
    : t("This is what the notebook has kept. Run this cell to go on.");
  note.style.fontStyle = "italic";
  kept.append(note, written.node);
  place.replaceChildren(kept);
}
