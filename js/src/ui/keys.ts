// What a widget keeps of the keyboard and the mouse, and what it leaves to the notebook around it.

const SUPPRESS = "data-lm-suppress-shortcuts";

/** Cells of JupyterLab and Notebook 7, and those of the classic notebook; both take the focus in command mode. */
const CELLS = ".jp-Cell, .cell[tabindex]";

/**
 * Keys typed into a widget are the widget's: JupyterLab's shortcuts do not see them. Two lead to the notebook: it is
 * saved by the keys that always save it, and Escape, which nothing in the widget wanted, selects the cell.
 */
export function keepKeys(box: HTMLElement, signal: AbortSignal): void {
  box.setAttribute(SUPPRESS, "true");
  box.addEventListener("keydown", (event) => keep(box, event), { signal });
  // JupyterLab listens at the document, in front of the widget or behind it, as its version is.
  window.addEventListener("keydown", (event) => lift(box, event), { signal, capture: true });
  window.addEventListener("keydown", (event) => isSavingIn(box, event) && event.preventDefault(), { signal });
  // A double click would otherwise reach the notebook, which may open a cell's source.
  box.addEventListener("dblclick", (event) => event.stopPropagation(), { signal });
}

/** The cell of the notebook around an element; null where the front end has none that could be selected. */
export function cellAround(element: Element): HTMLElement | null {
  const root = element.getRootNode();
  const cell = (root instanceof ShadowRoot ? root.host : element).closest<HTMLElement>(CELLS);
  return cell && cell.tabIndex >= -1 && cell.hasAttribute("tabindex") ? cell : null;
}

/**
 * Go to command mode: give the focus to the cell around. The next Tab goes on from where the user was, so that Escape,
 * then Tab, leaves an editor forwards and backwards. False where there is no such cell.
 */
export function selectCell(from: HTMLElement): boolean {
  const cell = cellAround(from);
  if (!cell) return false;
  cell.focus({ preventScroll: true });
  const life = new AbortController();
  const goOn = (event: KeyboardEvent) => {
    if (event.key === "Shift") return;
    life.abort();
    // The browser goes to the neighbour of what has the focus when all have heard of the key.
    if (event.key === "Tab") from.focus({ preventScroll: true });
  };
  cell.addEventListener("keydown", goOn, { signal: life.signal });
  cell.addEventListener("blur", () => life.abort(), { signal: life.signal });
  return true;
}

function keep(box: HTMLElement, event: KeyboardEvent): void {
  if (isSaving(event)) return;
  event.stopPropagation();
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  const [target] = event.composedPath();
  if (selectCell(target instanceof HTMLElement ? target : box)) event.preventDefault();
}

/** Let JupyterLab see a key that saves; elsewhere the browser would offer to save the page, which nobody wants. */
function lift(box: HTMLElement, event: KeyboardEvent): void {
  if (!isSavingIn(box, event)) return;
  box.removeAttribute(SUPPRESS);
  setTimeout(() => box.setAttribute(SUPPRESS, "true"));
}

function isSavingIn(box: HTMLElement, event: KeyboardEvent): boolean {
  return isSaving(event) && event.composedPath().includes(box);
}

function isSaving({ key, code, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  // A keyboard of another script has no “s”; there the place of the key counts, as in JupyterLab.
  const isS = key.toLowerCase() === "s" || (code === "KeyS" && !/^[ -~]$/.test(key));
  return isS && ctrlKey !== metaKey && !altKey;
}
