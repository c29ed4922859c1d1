// What is said in a notification stands there in full.
import { afterEach, expect, test } from "vitest";
import { InvalidMark, markIn } from "../../src/cells/mark";
import { cannotBeLive, noLongerLive, sharedAlready } from "../../src/cells/notices";
import { speak } from "../../src/text/words";

/** JupyterLab cuts a notification after so many characters. */
const SHOWN = 140;

test("JupyterLab shows the whole of it", () => {
  expect(sharedAlready().length).toBeLessThanOrEqual(SHOWN);
  expect(noLongerLive("a-name-of-thirty-characters-ok").length).toBeLessThanOrEqual(SHOWN);
});

test("of a long name only the end is missing", () => {
  expect(noLongerLive("x".repeat(120)).slice(0, SHOWN)).toContain("another cell is live already as “xxx");
});

afterEach(() => speak("en"));

test.each(
  [
    { document: "two words" },
    { document: "" },
    { document: "x".repeat(300) },
    { document: "a", type: "drawing" },
    { document: "a", shared: "write" },
  ].flatMap((mark) => ["en", "de"].map((language) => ({ mark, language }))),
)("also why the mark $mark cannot be followed, in “$language”", async ({ language, mark }) => {
  await speak(language);
  let why = "";
  try {
    markIn({ teaching_nb: mark }, "code");
  } catch (error) {
    if (error instanceof InvalidMark) why = error.message;
  }
  expect(why).not.toBe("");
  for (const count of [1, 11]) expect(cannotBeLive(why, count).length).toBeLessThanOrEqual(SHOWN);
});

test("of several cells it is said how many", () => {
  expect(cannotBeLive("it is odd")).toBe("A cell cannot be live: it is odd.");
  expect(cannotBeLive("it is odd", 11)).toBe("11 cells cannot be live, one of them because it is odd.");
});
