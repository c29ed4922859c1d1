// How long to wait before the next attempt. Pure but for the dice and the clock.
// The kernels' half, teaching_nb/client/link/backoff.py, keeps the same rule and says why.

const SHORTEST = 500;
const LONGEST = 30_000;
/** The longest wait for a hub that has just gone. */
const LONGEST_AT_FIRST = 2_500;
/** Who waits for a hub that has been gone for long may be that much later. */
const SHARE_OF_ABSENCE = 1 / 12;

/** Exponential back-off with jitter; what an attempt costs the hub decides how far it grows. */
export class Backoff {
  private since: number | undefined;
  private attempts = 0;
  private burdens = 0;

  constructor(
    private readonly random: () => number,
    private readonly now: () => number,
    private readonly longest = LONGEST,
  ) {}

  /** Count a failure and return the milliseconds to wait; `isAbsent`: nobody was there. */
  nextDelay(isAbsent: boolean): number {
    this.since ??= this.now();
    this.attempts += 1;
    if (!isAbsent) this.burdens += 1;
    const absence = this.now() - this.since;
    const longest = isAbsent ? Math.max(LONGEST_AT_FIRST, absence * SHARE_OF_ABSENCE) : this.longest;
    const ceiling = Math.min(this.longest, longest, doubled(isAbsent ? this.attempts : this.burdens));
    return SHORTEST + this.random() * (ceiling - SHORTEST);
  }

  /** Forget the failures. */
  reset(): void {
    this.since = undefined;
    this.attempts = 0;
    this.burdens = 0;
  }
}

function doubled(times: number): number {
  return SHORTEST * 2 ** Math.min(times, 16);
}
