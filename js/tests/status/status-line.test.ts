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

function spoken(line: StatusLine): string {
  return line.el.querySelector("[aria-live=polite]")?.textContent ?? "";
}

function words(line: StatusLine): string {
  return line.el.querySelector(".tnb-status-words")?.textContent ?? "";
}

test("typing does not make the line flicker", () => {
  const line = new StatusLine(new AbortController().signal);

  line.update(SAVING);
  line.update(SAVED);
  expect(words(line)).toBe("Saving …");

  vi.advanceTimersByTime(500);
  expect(words(line)).toBe("Saved");
});

test("only states that last are spoken", () => {
  const line = new StatusLine(new AbortController().signal);
  line.update(SAVED);
  vi.advanceTimersByTime(2000);
  expect(spoken(line)).toBe("Saved.");

  line.update(SAVING);
  line.update(OFFLINE);
  expect(spoken(line)).toBe("Saved.");

  vi.advanceTimersByTime(2000);
  expect(spoken(line)).toBe("Offline. Kept here.");
  expect(line.detail.hidden).toBe(false);
});

test("a repeated state is not announced again and does not put off the first", () => {
  const line = new StatusLine(new AbortController().signal);

  for (let n = 0; n < 6; n += 1) {
    line.update(OFFLINE);
    vi.advanceTimersByTime(500);
  }

  expect(spoken(line)).toBe("Offline. Kept here.");
});
