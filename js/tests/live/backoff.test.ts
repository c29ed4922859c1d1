// The back-off between attempts to connect: the same rule as in tests/client/link/test_backoff.py.
import { describe, expect, test } from "vitest";
import { Backoff } from "../../src/live/backoff";

let time = 0;

/** The longest possible waits, in seconds. */
function patient(longest?: number): {
  waits: (isAbsent: boolean, count: number) => number[];
  backoff: Backoff;
} {
  time = 1_000_000;
  const backoff = new Backoff(
    () => 1,
    () => time,
    longest,
  );
  const next = (isAbsent: boolean) => {
    const delay = backoff.nextDelay(isAbsent);
    time += delay;
    return delay / 1000;
  };
  return { waits: (isAbsent, count) => Array.from({ length: count }, () => next(isAbsent)), backoff };
}

describe("the longest wait", () => {
  test("doubles with every failure of a hub that is there, up to half a minute", () => {
    expect(patient().waits(false, 8)).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test("may be longer for whoever says so", () => {
    expect(patient(60_000).waits(false, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test("is short for a hub that has just gone", () => {
    expect(patient().waits(true, 12)).toEqual([1, 2, ...Array(10).fill(2.5)]);
  });

  test("grows with the absence of a hub, up to half a minute", () => {
    const { waits } = patient();
    const began = time;
    waits(true, 12);

    let gone = (time - began) / 1000;
    for (const wait of waits(true, 60)) {
      expect(wait).toBeCloseTo(Math.min(30, Math.max(2.5, gone / 12)), 6);
      gone += wait;
    }
    expect(waits(true, 1)).toEqual([30]);
  });

  test("of a hub that is there does not grow with its absence before", () => {
    const { waits } = patient();
    waits(true, 40);

    expect(waits(false, 3)).toEqual([1, 2, 4]);
  });

  test("begins anew after a good connection", () => {
    const { waits, backoff } = patient();
    waits(false, 6);
    waits(true, 40);

    backoff.reset();

    expect([...waits(false, 1), ...waits(true, 1)]).toEqual([1, 2]);
  });
});

test("the shortest wait is half a second", () => {
  const backoff = new Backoff(() => 0, Date.now);

  expect([backoff.nextDelay(true), backoff.nextDelay(false), backoff.nextDelay(true)]).toEqual([
    500, 500, 500,
  ]);
});
