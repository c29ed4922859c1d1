// What the kernel is told about edits that only this page and the hub can know of: that some are not stored yet,
// and later that they are. At once when there is news to wait for, and else seldom: never key by key.
import { Timer } from "./timer";

/** A page that goes on typing says so no more often than this. */
const SPACING = 1_000;
/** A page that still waits says so again, so that the kernel does not take it for dead. */
const AGAIN = 10_000;

export interface Report {
  /** Number of the newest edit. */
  seq: number;
  /** All edits up to this one are stored, or with the kernel. */
  stored: number;
}

export class PendingReports {
  private said: Report = { seq: 0, stored: 0 };
  private saidAt = Number.NEGATIVE_INFINITY;
  private readonly timer = new Timer(() => this.say());

  constructor(
    private readonly report: () => Report,
    private readonly tell: (report: Report) => void,
    private readonly now: () => number,
  ) {}

  /** Something may have changed. */
  consider(): void {
    const report = this.report();
    const isNew = report.seq !== this.said.seq || report.stored !== this.said.stored;
    if (isOpen(this.said)) this.sayAt(this.saidAt + (isNew ? SPACING : AGAIN));
    else if (isOpen(report)) this.say();
  }

  /** The kernel forgets what this page said. */
  stop(): void {
    this.timer.cancel();
    this.said = { seq: 0, stored: 0 };
  }

  /** Never in the midst of something: an edit that has just left one road is about to take the other. */
  private sayAt(time: number): void {
    this.timer.start(Math.max(0, time - this.now()));
  }

  private say(): void {
    this.timer.cancel();
    this.said = this.report();
    this.saidAt = this.now();
    this.tell(this.said);
    if (isOpen(this.said)) this.sayAt(this.saidAt + AGAIN);
  }
}

function isOpen({ seq, stored }: Report): boolean {
  return stored < seq;
}
