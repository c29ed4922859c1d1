import { afterEach, beforeEach, expect, test, vi } from "vitest";
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

function aBox(): UnsentBox {
  const box = new UnsentBox({ text: () => "mine = 1", fileName: () => "notes.py", discard }, stop.signal);
  document.body.append(box.el);
  box.update({ words: "Your last changes were not saved." });
  return box;
}

function press(box: UnsentBox, name: string): void {
  const found = [...box.el.querySelectorAll("button")].find((button) => button.textContent === name);
  if (!found) throw new Error(`there is no button “${name}”`);
  found.click();
}

test("unsent text is announced, and only once", () => {
  const box = aBox();
  const alert = box.el.querySelector("[role=alert]");
  const before = alert?.firstChild;

  box.update({ words: "Your last changes were not saved." });

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
