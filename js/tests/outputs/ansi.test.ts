import { expect, test } from "vitest";
import { ansiNodes, overwrite, parseAnsi } from "../../src/outputs/ansi";

const texts = (source: string) => parseAnsi(source).map((piece) => piece.text);

test("ansi: plain text is one piece without classes", () => {
  expect(parseAnsi("a\nb")).toEqual([{ text: "a\nb", classes: [] }]);
});

test("ansi: colours begin and end", () => {
  expect(parseAnsi("\x1b[31mred\x1b[39m plain")).toEqual([
    { text: "red", classes: ["tnb-ansi-red-fg"] },
    { text: " plain", classes: [] },
  ]);
});

test("ansi: attributes add up until reset", () => {
  const [both, none] = parseAnsi("\x1b[1;4;94mx\x1b[0my");

  expect(both?.classes).toEqual(["tnb-ansi-bold", "tnb-ansi-underline", "tnb-ansi-bright-blue-fg"]);
  expect(none?.classes).toEqual([]);
});

test("ansi: a text colour beyond the sixteen becomes the nearest named one", () => {
  expect(parseAnsi("\x1b[38;5;28mdef")[0]?.classes).toEqual(["tnb-ansi-green-fg"]);
  expect(parseAnsi("\x1b[38;2;250;40;30mhot")[0]?.classes).toEqual(["tnb-ansi-red-fg"]);
  expect(parseAnsi("\x1b[38;5;250m ")[0]?.classes).toEqual(["tnb-ansi-white-fg"]);
});

test("ansi: who chose text and ground gets both", () => {
  const [piece] = parseAnsi("\x1b[38;2;1;2;3;48;5;196mx");

  expect(piece?.color).toBe("rgb(1, 2, 3)");
  expect(piece?.background).toBe("rgb(255, 0, 0)");
});

test("ansi: other escape sequences leave no trace", () => {
  expect(texts("a\x1b[2Kb\x1b]8;;http://x\x07c\x1b[?25ld").join("")).toBe("abcd");
});

test.each([
  ["a progress bar", "10%\r20%\r100%", "100%"],
  ["a shorter line keeps the rest", "12345\rab", "ab345"],
  ["windows line ends", "a\r\nb", "a\nb"],
  ["a return at the end", "50%\r", "50%"],
  ["backspace", "abc\b\bX", "aX"],
])("overwrite: %s", (_name, source, wanted) => {
  expect(overwrite(source)).toBe(wanted);
});

test("ansi: markup stays text", () => {
  const holder = document.createElement("pre");

  holder.append(...ansiNodes("<img src=x onerror=alert(1)>\x1b[31m<b>"));

  expect(holder.querySelector("img, b")).toBeNull();
  expect(holder.textContent).toBe("<img src=x onerror=alert(1)><b>");
});
