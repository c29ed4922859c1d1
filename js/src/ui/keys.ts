// What a widget keeps of the keyboard and the mouse.
/** Keys typed into a widget are the widget's: JupyterLab's shortcuts do not see them. */
export function keepKeys(box: HTMLElement, signal: AbortSignal): void {
  box.setAttribute("data-lm-suppress-shortcuts", "true");
  box.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  // A double click would otherwise reach the notebook, which may open a cell's source.
  box.addEventListener("dblclick", (event) => event.stopPropagation(), { signal });
}
