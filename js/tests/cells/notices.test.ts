// What is said in a notification stands there in full.
import { expect, test } from "vitest";
import { InvalidMark, markIn } from "../../src/cells/mark";
import { cannotBeLive, noLongerLive, sharedAlready } from "../../src/cells/notices";

/** JupyterLab cuts a notification after so many characters. */
const SHOWN = 140;

test("JupyterLab shows the whole of it", () => {
  expect(sharedAlready().length).toBeLessThanOrEqual(SHOWN);
  expect(noLongerLive("a-name-of-thirty-characters-ok").length).toBeLessThanOrEqual(SHOWN);
});

test("of a long name only the end is missing", () => {
  expect(noLongerLive("x".repeat(120)).slice(0, SHOWN)).toContain("another cell is live already as “xxx");
});

test.each([
  { document: "two words" },
  { document: "" },
  { document: "a", type: "drawing" },
  { document: "a", shared: "write" },
])("also why the mark %j cannot be followed", (mark) => {
  let words = "";
  try {
    markIn({ teaching_nb: mark }, "code");
  } catch (error) {
    if (error instanceof InvalidMark) words = cannotBeLive(error.message);
  }
  expect(words).not.toBe("");
  expect(words.length).toBeLessThanOrEqual(SHOWN);
});
