// Where the keyboard goes on when what had the focus is gone, and when an answer may move the focus.
import { focusedBeside } from "./elements";

const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]";

/** Whether an answer that came late may move the focus: it is in this form still, or nowhere. */
export function mayMoveFocus(form: Element | null, beside: Element): boolean {
  return isNowhere() || form?.contains(focusedBeside(beside)) === true;
}

/** Returns what tells whether the focus is still where it is now, or nowhere. */
export function unmovedFocus(beside: Element): () => boolean {
  const where = () => [focusedBeside(beside), document.activeElement];
  const [here, there] = where();
  return () => isNowhere() || (where()[0] === here && where()[1] === there);
}

/**
 * Draw a widget. Where the focus was on something that is gone then, it goes to the next row, else to the one before,
 * else to what is nearest around them, at last to the widget: the keyboard would start again at the top of the page.
 */
export function drawKeepingFocus(box: HTMLElement, draw: () => void): void {
  const focused = focusedBeside(box);
  const trail = focused && box.contains(focused) ? trailOf(focused, box) : [];
  draw();
  if (!trail.length || box.contains(focused) || !box.isConnected || !isNowhere()) return;
  if (focusAlong(trail)) return;
  box.tabIndex = -1;
  box.focus();
}

/** Returns what has the focus go on beside an element that is gone by then. */
export function focusBeside(gone: Element): () => void {
  const trail = trailOf(gone, document.body);
  return () => {
    if (!gone.isConnected && isNowhere()) focusAlong(trail);
  };
}

function focusAlong(trail: Place[]): boolean {
  for (const control of controlsAlong(trail)) {
    control.focus();
    // One that a style sheet hides does not take it.
    if (!isNowhere()) return true;
  }
  return false;
}

function isNowhere(): boolean {
  const { activeElement, body } = document;
  return !activeElement || activeElement === body;
}

interface Place {
  element: Element;
  /** Beside it, the nearest first. */
  after: Element[];
  before: Element[];
}

/** An element and those around it, from within, each with what stands beside it. */
function trailOf(from: Element, box: Element): Place[] {
  const trail: Place[] = [];
  for (let element = from; element !== box && element.parentElement; element = element.parentElement) {
    const all = [...element.parentElement.children];
    const at = all.indexOf(element);
    trail.push({ element, after: all.slice(at + 1), before: all.slice(0, at).reverse() });
  }
  return trail;
}

function* controlsAlong(trail: Place[]): Iterable<HTMLElement> {
  for (const { element, after, before } of trail) {
    // Not what was around it as a whole, such as a list that is scrolled by keys.
    yield* controlsIn(element);
    for (const each of [...after, ...before]) {
      if (isReachable(each)) yield each;
      yield* controlsIn(each);
    }
  }
}

function controlsIn(element: Element): HTMLElement[] {
  return [...element.querySelectorAll(CONTROLS)].filter(isReachable);
}

function isReachable(element: Element): element is HTMLElement {
  if (!(element instanceof HTMLElement) || !element.isConnected || !element.matches(CONTROLS)) return false;
  if (element.matches(":disabled") || element.closest("[hidden]")) return false;
  return element.tagName === "SUMMARY" || (element.tabIndex >= 0 && !element.closest("details:not([open])"));
}
