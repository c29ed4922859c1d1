// Counts the seconds for which somebody can see an element: it is in view, and so is the page, and they have touched
// something not too long ago.
import type { View } from "../../jupyter/widget";

const TICK = 1_000;
/** Told this often at most (ms). */
const EVERY = 10_000;
/** Nobody reads one cell for so long without touching anything (ms). */
const IDLE = 300_000;
/** The page was asleep, or its timers were. */
const MISSED = 2 * TICK;

const TOUCHES = ["pointermove", "pointerdown", "keydown", "wheel", "touchmove"];

/** Document → when a second of it was counted last: two cells may show it. */
const counted = new Map<string, number>();

export interface Reading {
  /** Tells documents apart. */
  name: () => string;
  mayCount: () => boolean;
  /** Take some whole seconds more. */
  add: (seconds: number) => void;
}

export function countReading({ el, signal }: View, { name, mayCount, add }: Reading): void {
  let isInView = false;
  let [touched, before, told, read] = [Date.now(), Date.now(), Date.now(), 0];
  const observer = new IntersectionObserver((entries) => {
    isInView = entries.at(-1)?.isIntersecting === true;
  });
  observer.observe(el);
  const touch = () => {
    touched = Date.now();
  };
  for (const event of TOUCHES)
    document.addEventListener(event, touch, { signal, capture: true, passive: true });
  const tick = () => {
    const now = Date.now();
    const elapsed = now - before;
    before = now;
    const isSeen = isInView && document.visibilityState === "visible" && now - touched < IDLE && mayCount();
    const isCounted = now - (counted.get(name()) ?? 0) < TICK / 2;
    if (isSeen && !isCounted && elapsed <= MISSED) {
      counted.set(name(), now);
      read += elapsed;
    }
    const seconds = Math.floor(read / 1_000);
    if (!seconds || now - told < EVERY || !mayCount()) return;
    told = now;
    read -= seconds * 1_000;
    add(seconds);
  };
  const ticking = setInterval(tick, TICK);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    clearInterval(ticking);
  });
}
