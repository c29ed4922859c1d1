// Documents in a notebook that is opened again without the kernel that showed them, and without saved widget state:
// the widget manager then has no widget, and says so in the place of the output. What the file holds beside it is shown
// instead. The manager has no interface for that; one that says something else keeps its own words.

import type { NotebookPanel } from "@jupyterlab/notebook";
import { loaded } from "./loaded";

const LOST = "Error displaying widget: model not found";

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

async function show(panel: NotebookPanel, place: HTMLElement): Promise<void> {
  const { showKept } = await loaded(import("./kept-output"));
  await showKept(panel, place, isLost);
}

/** Quick: this looks at whatever changes in a notebook, its editors among it. */
function isLost({ childNodes: { length }, firstChild }: HTMLElement): boolean {
  return length === 1 && firstChild instanceof Text && firstChild.data === LOST;
}
