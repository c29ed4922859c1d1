// Pictures in the text forms of Netpbm.
import { expect, test } from "vitest";
import { pictureIn } from "../../src/widgets/netpbm_graphic/netpbm";

function pixelsOf(text: string): number[][] | undefined {
  const picture = pictureIn(text);
  return picture
    ? Array.from({ length: picture.width * picture.height }, (_, index) => [
        ...picture.pixels.slice(index * 4, index * 4 + 3),
      ])
    : undefined;
}

const [BLACK, WHITE, GREY] = [
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
];

test.each([
  ["a bitmap, whose ones are black", "P1\n# a comment\n2 2\n1 0\n0 1", [BLACK, WHITE, WHITE, BLACK]],
  ["a bitmap without blanks", "P1 3 1 101", [BLACK, WHITE, BLACK]],
  ["a graymap", "P2 2 1 4 # most\n0 2", [BLACK, GREY]],
  [
    "a pixmap",
    "P3 2 1 255 255 0 0 0 128 255",
    [
      [255, 0, 0],
      [0, 128, 255],
    ],
  ],
])("%s", (_what, text, pixels) => {
  expect(pixelsOf(text)).toEqual(pixels);
});

test.each([
  "",
  "P1",
  "P4 1 1 0",
  "P2 2 2 255 1 2 3",
  "P2 1 1 0 0",
  "P3 1 1 255 1 2",
  "P1 0 5",
  "P1 -1 1 1",
  "P2 1 1 255 1.5",
  "P1 300 300 0",
  "anything at all",
])("“%s” is none", (text) => {
  expect(pictureIn(text)).toBeNull();
});
