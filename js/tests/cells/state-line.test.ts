// The line under a live cell, as a screen reader has it. How it fits is tested in a browser.
import { afterEach, expect, test } from "vitest";
import type { ShownText } from "../../src/cells/shown-text";
import { StateLine, type StateLineOptions } from "../../src/cells/state-line";

const life = new AbortController();

afterEach(() => life.abort());

test("who has changed the text is said in a place that is there before", () => {
  // Screen readers do not read what comes together with its live region.
  const changedBy = new Set<string>();
  const cell: Partial<ShownText> = {
    ...{ mark: { document: "fib", type: "code", shared: true }, phase: "open", words: "", live: null },
    ...{ isLive: false, isWritable: true, isKeeping: false, notTaken: "", changedBy, aside: null },
    onChange: () => {},
  };
  const options = {
    following: { here: () => {}, id: "", line: "" },
    past: { mayLook: () => true },
  } as unknown as StateLineOptions;
  const line = new StateLine(cell as ShownText, options, life.signal);
  line.mount();
  const place = line.el.querySelector(".tnb-cell-notice");

  changedBy.add("Bob");
  line.draw();

  expect(place?.getAttribute("role")).toBe("status");
  expect(place?.textContent).toBe("Bob changed this since your last run.");
  // A narrow line shows the beginning of it.
  expect(place?.getAttribute("title")).toBe(place?.textContent);
  expect(line.el.querySelector(".tnb-history-button")?.getAttribute("aria-label")).toBe("History");
});
