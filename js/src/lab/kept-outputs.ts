// Documents in a notebook that is opened again without the kernel that showed them, and without saved widget state:
// the widget manager then has no widget, and says so in the place of the output. A notebook that is opened without any
// kernel has no manager, also when it gets a kernel later: outputs wait for one for good. What the file holds beside it is
// shown instead. The manager has no interface for that; one that says something else keeps its own words.

import type { NotebookPanel } from "@jupyterlab/notebook";
import { loaded } from "./loaded";

const LOST = "Error displaying widget: model not found";
/** Until there is a manager, and a kernel has told it which widgets there are. */
const AWAITED = "Loading widget...";
const OUTPUTS = ".jp-OutputArea";
const PLACES = ".jp-OutputArea-output, .jp-OutputArea-output *";

/** Show what the file holds of documents whose widgets are lost. */
export function showKeptOutputs(panel: NotebookPanel): void {
  const { sessionContext } = panel;
  let hasManager = true;
  /** Quick: this looks at whatever changes in a notebook, its editors among it. */
  const isLost = ({ childNodes: { length }, firstChild }: HTMLElement) => {
    if (length !== 1 || !(firstChild instanceof Text)) return false;
    return firstChild.data === LOST || (firstChild.data === AWAITED && !hasManager);
  };
  const show = async (place: Node) => {
    if (!(place instanceof HTMLElement) || !isLost(place)) return;
    const { showKept } = await loaded(import("./kept-output"));
    const isToReopen = !hasManager && Boolean(sessionContext.session?.kernel);
    await showKept(panel, place, { isLost, isToReopen });
  };
  const showIn = (node: Node) => {
    void show(node);
    if (node instanceof HTMLElement) for (const place of node.querySelectorAll(PLACES)) void show(place);
  };
  const showAll = () => showIn(panel.content.node);
  const look = new MutationObserver((changes) => {
    for (const target of new Set(changes.map((change) => change.target))) void show(target);
    if (hasManager) return;
    // What waits does so from the moment on at which it is put there.
    const isOutput = ({ target }: MutationRecord) => target instanceof Element && target.closest(OUTPUTS);
    for (const { addedNodes } of changes.filter(isOutput)) addedNodes.forEach(showIn);
  });
  look.observe(panel.content.node, { childList: true, subtree: true });
  panel.disposed.connect(() => look.disconnect());
  showAll();
  void sessionContext.ready.then(() => {
    hasManager = Boolean(sessionContext.session?.kernel);
    showAll();
  });
}
