// Pictures in the text forms of Netpbm: PBM (P1), PGM (P2) and PPM (P3). Pure.

/** So many pixels are drawn. */
export const MOST_PIXELS = 65_536;
const BRIGHTEST = 65_535;

export interface Picture {
  width: number;
  height: number;
  /** Red, green, blue and opacity of each pixel, row by row. */
  pixels: Uint8ClampedArray<ArrayBuffer>;
  /** The largest number that there may be, where some are larger; else 0. */
  brightest: number;
}

/** The picture that a text describes; null for one that is none, has too few numbers, or is too large. */
export function pictureIn(text: string): Picture | null {
  const [kind = "", ...words] = text.replace(/#.*/g, " ").trim().split(/\s+/);
  if (!["P1", "P2", "P3"].includes(kind)) return null;
  const [width = 0, height = 0] = words.splice(0, 2).map(numberIn);
  const brightest = kind === "P1" ? 1 : numberIn(words.shift() ?? "");
  const isPossible =
    width > 0 && height > 0 && width * height <= MOST_PIXELS && brightest > 0 && brightest <= BRIGHTEST;
  if (!isPossible) return null;
  // Of P1 the digits may stand without anything between them.
  const samples = kind === "P1" ? [...words.join("")].map(numberIn) : words.map(numberIn);
  const each = kind === "P3" ? 3 : 1;
  const isWhole = samples.length >= width * height * each && samples.every((sample) => sample >= 0);
  return isWhole ? drawn({ width, height, samples, each, brightest, isInverted: kind === "P1" }) : null;
}

interface Samples {
  width: number;
  height: number;
  samples: number[];
  /** Samples of a pixel. */
  each: number;
  brightest: number;
  /** Of a bitmap 1 is black. */
  isInverted: boolean;
}

function drawn({ width, height, samples, each, brightest, isInverted }: Samples): Picture {
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const sample = (samples[pixel * each + (each === 3 ? channel : 0)] ?? 0) / brightest;
      pixels[pixel * 4 + channel] = 255 * (isInverted ? 1 - sample : sample);
    }
    pixels[pixel * 4 + 3] = 255;
  }
  const used = samples.slice(0, width * height * each);
  return { width, height, pixels, brightest: used.some((sample) => sample > brightest) ? brightest : 0 };
}

/** A whole number; -1 for anything else. */
function numberIn(word: string): number {
  return /^\d{1,6}$/.test(word) ? Number(word) : -1;
}
