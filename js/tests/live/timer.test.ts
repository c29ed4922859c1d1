// A call that waits for its time.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Timer } from "../../src/live/timer";

let calls = 0;
const timer = new Timer(() => {
  calls += 1;
});

beforeEach(() => {
  vi.useFakeTimers();
  calls = 0;
});

afterEach(() => {
  timer.cancel();
  vi.useRealTimers();
});

test("calls once, when its time has come", () => {
  timer.start(100);

  vi.advanceTimersByTime(99);
  expect([calls, timer.isWaiting]).toEqual([0, true]);
  vi.advanceTimersByTime(10_000);
  expect([calls, timer.isWaiting]).toEqual([1, false]);
});

test("waits anew when it is started again", () => {
  timer.start(100);
  vi.advanceTimersByTime(50);
  timer.start(100);

  vi.advanceTimersByTime(99);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(1);
  expect(calls).toBe(1);
});

test("does not call when it was cancelled", () => {
  timer.start(100);
  timer.cancel();

  vi.advanceTimersByTime(1000);
  expect([calls, timer.isWaiting]).toEqual([0, false]);
});

test("can be started again by its own call", () => {
  const again = new Timer(() => {
    calls += 1;
    if (calls < 3) again.start(10);
  });
  again.start(10);

  vi.advanceTimersByTime(1000);
  expect(calls).toBe(3);
});
