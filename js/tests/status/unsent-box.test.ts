import { render } from "lit-html";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Unsent } from "../../src/status/save-state";
import { UnsentBox } from "../../src/status/unsent-box";

let stop: AbortController;
const discard = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
  discard.mockClear();
});

afterEach(() => {
  stop.abort();
  document.body.replaceChildren();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const UNSENT: Unsent = { words: "Your last changes were not saved." };

interface ShownBox {
  el: HTMLElement;
  update: (unsent: Unsent | null) => void;
}

function aBox(): ShownBox {
  let shown: Unsent | null = UNSENT;
  const home = document.createElement("div");
  document.body.append(home);
  const draw = () => render(box.box(shown), home);
  const options = { text: () => "mine = 1", fileName: () => "notes.py", discard, draw };
  const box = new UnsentBox(options, stop.signal);
  draw();
  const update = (unsent: Unsent | null) => {
    shown = unsent;
    draw();
  };
  return { el: document.querySelector(".tnb-unsent") as HTMLElement, update };
}

function press(box: ShownBox, name: string): void {
  const found = [...box.el.querySelectorAll("button")].find((button) => button.textContent === name);
  if (!found) throw new Error(`there is no button “${name}”`);
  found.click();
}

test("unsent text is announced, and only once", () => {
  const box = aBox();
  const alert = box.el.querySelector("[role=alert]");
  const before = alert?.firstChild;

  box.update(UNSENT);

  expect(box.el.hidden).toBe(false);
  expect(alert?.firstChild).toBe(before);
});

test("unsent text can be copied", async () => {
  const writeText = vi.fn(async () => {});
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  const box = aBox();

  press(box, "Copy my text");
  await vi.runAllTimersAsync();

  expect(writeText).toHaveBeenCalledWith("mine = 1");
  expect(box.el.textContent).toContain("Copied.");
});

test("where copying is forbidden the user is told what to do", async () => {
  vi.stubGlobal("navigator", {});
  document.execCommand = () => false;
  const box = aBox();

  press(box, "Copy my text");
  await vi.runAllTimersAsync();

  expect(box.el.textContent).toContain("use Download");
});

test("changes are discarded by the second press only", () => {
  const box = aBox();

  press(box, "Discard changes");
  expect(discard).not.toHaveBeenCalled();
  press(box, "Really discard?");

  expect(discard).toHaveBeenCalledTimes(1);
});

test("a first press is forgotten after a while", () => {
  const box = aBox();
  press(box, "Discard changes");

  vi.advanceTimersByTime(10_000);
  press(box, "Discard changes");

  expect(discard).not.toHaveBeenCalled();
});

test("the offer goes away when everything is saved", () => {
  const box = aBox();

  box.update(null);

  expect(box.el.hidden).toBe(true);
});
