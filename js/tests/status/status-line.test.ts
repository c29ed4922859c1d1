import { render } from "lit-html";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SaveShown } from "../../src/status/save-state";
import { StatusLine } from "../../src/status/status-line";

const SAVED: SaveShown = { tone: "good", symbol: "✓", words: "Saved", detail: "" };
const SAVING: SaveShown = { tone: "busy", symbol: "↻", words: "Saving …", detail: "" };
const OFFLINE: SaveShown = { tone: "warn", symbol: "⚠", words: "Offline", detail: "Kept here." };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A line that is drawn where a test can look. */
function aLine(): StatusLine {
  const home = document.createElement("div");
  document.body.replaceChildren(home);
  const draw = () => render([line.line, line.detail], home);
  const line = new StatusLine(draw, new AbortController().signal);
  const { update } = line;
  line.update = (shown, now) => {
    update.call(line, shown, now);
    draw();
  };
  return line;
}

const spoken = () => document.querySelector("[aria-live=polite]")?.textContent ?? "";
const words = () => document.querySelector(".tnb-status-words")?.textContent ?? "";

test("typing does not make the line flicker", () => {
  const line = aLine();

  line.update(SAVING);
  line.update(SAVED);
  expect(words()).toBe("Saving …");

  vi.advanceTimersByTime(500);
  expect(words()).toBe("Saved");
});

test("only states that last are spoken", () => {
  const line = aLine();
  line.update(SAVED);
  vi.advanceTimersByTime(2000);
  expect(spoken()).toBe("Saved.");

  line.update(SAVING);
  line.update(OFFLINE);
  expect(spoken()).toBe("Saved.");

  vi.advanceTimersByTime(2000);
  expect(spoken()).toBe("Offline. Kept here.");
  expect(document.querySelector<HTMLElement>(".tnb-detail")?.hidden).toBe(false);
});

test("a repeated state is not announced again and does not put off the first", () => {
  const line = aLine();

  for (let n = 0; n < 6; n += 1) {
    line.update(OFFLINE);
    vi.advanceTimersByTime(500);
  }

  expect(spoken()).toBe("Offline. Kept here.");
});
