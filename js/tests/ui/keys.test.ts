// Keys typed into a widget, and those that lead out of it.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepKeys, selectCell } from "../../src/ui/keys";

const SUPPRESS = "data-lm-suppress-shortcuts";

let stop: AbortController;
let cell: HTMLElement;
let box: HTMLElement;
let field: HTMLTextAreaElement;

beforeEach(() => {
  stop = new AbortController();
  document.body.innerHTML = `<div class="jp-Cell" tabindex="0"><section><textarea></textarea></section></div>`;
  cell = document.querySelector(".jp-Cell") as HTMLElement;
  box = document.querySelector("section") as HTMLElement;
  field = document.querySelector("textarea") as HTMLTextAreaElement;
  keepKeys(box, stop.signal);
  field.focus();
});

afterEach(() => stop.abort());

function press(target: Element, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", {
    key,
    bubbles: true,
    composed: true,
    cancelable: true,
    ...more,
  });
  target.dispatchEvent(event);
  return event;
}

/** The keys that JupyterLab sees, which obeys the attribute, listening in front of the widget or behind it. */
function seenByJupyterLab(capture: boolean): string[] {
  const seen: string[] = [];
  const look = (event: Event) => {
    if (!(event.target as Element).closest(`[${SUPPRESS}]`)) seen.push((event as KeyboardEvent).key);
  };
  document.addEventListener("keydown", look, { capture, signal: stop.signal });
  return seen;
}

test.each([true, false])(
  "saving is the notebook's, everything else the widget's (capture %s)",
  async (capture) => {
    const seen = seenByJupyterLab(capture);

    for (const key of ["a", "b", "x", "Enter"]) press(field, key);
    press(field, "Enter", { ctrlKey: true });
    press(field, "s");
    press(field, "s", { ctrlKey: true });
    press(field, "S", { metaKey: true, shiftKey: true });
    press(field, "ы", { ctrlKey: true, code: "KeyS" });

    expect(seen).toEqual(["s", "S", "ы"]);
    await vi.waitFor(() => expect(box.getAttribute(SUPPRESS)).toBe("true"));
  },
);

test("the browser does not offer to save the page, unless the key is meant for something else", () => {
  expect(press(field, "s", { ctrlKey: true }).defaultPrevented).toBe(true);
  expect(press(document.body, "s", { ctrlKey: true }).defaultPrevented).toBe(false);
  expect(press(field, "s").defaultPrevented).toBe(false);
});

test("saving is not taken as done before the notebook has seen it", () => {
  let wasDone = true;
  document.addEventListener("keydown", (event) => (wasDone = event.defaultPrevented), {
    signal: stop.signal,
  });

  press(field, "s", { ctrlKey: true });

  expect(wasDone).toBe(false);
});

test("Escape selects the cell, and Tab then goes on from where the user was", () => {
  press(field, "Escape");
  expect(document.activeElement).toBe(cell);

  press(cell, "Shift");
  press(cell, "Tab", { shiftKey: true });

  expect(document.activeElement).toBe(field);
});

test("in command mode other keys are the notebook's, and Tab is again what it was", () => {
  press(field, "Escape");

  press(cell, "j");
  press(cell, "Tab");

  expect(document.activeElement).toBe(cell);
});

test("Escape that something in the widget wanted leads no further", () => {
  field.addEventListener("keydown", (event) => event.preventDefault());

  press(field, "Escape");

  expect(document.activeElement).toBe(field);
});

test("where no cell can be selected Escape leaves the focus where it is", () => {
  cell.removeAttribute("tabindex");

  expect(press(field, "Escape").defaultPrevented).toBe(false);
  expect(selectCell(field)).toBe(false);
  expect(document.activeElement).toBe(field);
});
