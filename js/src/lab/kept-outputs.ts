// Documents in a notebook that is opened again without the kernel that showed them, and without saved widget state:
// the widget manager then has no widget, and says so in the place of the output; without any kernel it waits for one for
// good. What the file holds beside it is shown instead. The manager has no interface for that; one that says something
// else keeps its own words.

import type { NotebookPanel } from "@jupyterlab/notebook";
import { loaded } from "./loaded";

const LOST = "Error displaying widget: model not found";
/** Until a kernel has told which widgets there are. */
const AWAITED = "Loading widget...";

/** Show what the file holds of documents whose widgets are lost. */
export function showKeptOutputs(panel: NotebookPanel): void {
  const { sessionContext } = panel;
  /** Quick: this looks at whatever changes in a notebook, its editors among it. */
  const isLost = ({ childNodes: { length }, firstChild }: HTMLElement) => {
    if (length !== 1 || !(firstChild instanceof Text)) return false;
    return firstChild.data === LOST || (firstChild.data === AWAITED && hasNoKernel());
  };
  const hasNoKernel = () => sessionContext.isReady && !sessionContext.session?.kernel;
  const show = async (place: Node) => {
    if (!(place instanceof HTMLElement) || !isLost(place)) return;
    const { showKept } = await loaded(import("./kept-output"));
    await showKept(panel, place, isLost);
  };
  const showAll = () => {
    const places = ".jp-OutputArea-output, .jp-OutputArea-output *";
    for (const place of panel.content.node.querySelectorAll(places)) void show(place);
  };
  const look = new MutationObserver((changes) => {
    for (const target of new Set(changes.map((change) => change.target))) void show(target);
  });
  look.observe(panel.content.node, { childList: true, subtree: true });
  panel.disposed.connect(() => look.disconnect());
  sessionContext.kernelChanged.connect(showAll);
  void sessionContext.ready.then(showAll);
  showAll();
}
