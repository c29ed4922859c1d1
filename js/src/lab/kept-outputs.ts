// Documents in a notebook that is opened again without the kernel that showed them, and without saved widget state:
// the widget manager then has no widget, and says so in the place of the output. What the file holds beside it is shown
// instead. The manager has no interface for that; one that says something else keeps its own words.

import type { CodeCell } from "@jupyterlab/cells";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { t } from "../text/words";

const LOST = "Error displaying widget: model not found";
const WRITTEN = "text/markdown";
/** Where the kernel has marked an output as one of ours, in its metadata. */
const MARK = "teaching_nb";

/** Show what the file holds of documents whose widgets are lost. */
export function showKeptOutputs(panel: NotebookPanel): void {
  const look = new MutationObserver((changes) => {
    for (const target of new Set(changes.map((change) => change.target)))
      if (target instanceof HTMLElement && isLost(target)) void show(panel, target);
  });
  look.observe(panel.content.node, { childList: true, subtree: true });
  for (const place of panel.content.node.querySelectorAll(".jp-OutputArea-output, .jp-OutputArea-output *"))
    if (place instanceof HTMLElement && isLost(place)) void show(panel, place);
  panel.disposed.connect(() => look.disconnect());
}

/** Quick: this looks at whatever changes in a notebook, its editors among it. */
function isLost({ childNodes: { length }, firstChild }: HTMLElement): boolean {
  return length === 1 && firstChild instanceof Text && firstChild.data === LOST;
}

async function show(panel: NotebookPanel, place: HTMLElement): Promise<void> {
  const cell = panel.content.widgets.find(({ node }) => node.contains(place));
  if (!cell || !("outputArea" in cell)) return;
  const { outputArea } = cell as CodeCell;
  const index = outputArea.widgets.findIndex(({ node }) => node.contains(place));
  const output = index < 0 ? undefined : outputArea.model.get(index);
  if (!output || !(MARK in output.metadata) || !(WRITTEN in output.data)) return;
  const written = outputArea.rendermime.createRenderer(WRITTEN);
  outputArea.disposed.connect(() => written.dispose());
  await written.renderModel(output);
  if (!isLost(place)) return;
  const note = document.createElement("p");
  note.textContent = t("This is what the notebook has kept. Run this cell to go on.");
  note.style.fontStyle = "italic";
  place.style.color = "var(--jp-ui-font-color2)";
  place.replaceChildren(note, written.node);
}
