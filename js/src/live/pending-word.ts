// What the kernel is told about edits that only this page and the hub can know of: that some are not stored yet,
// and later that they are. At once when there is news to wait for, and else seldom: never key by key.
import { Timer } from "./timer";

/** A page that goes on typing says so no more often than this. */
const SPACING = 1_000;
/** A page that still waits says so again, so that the kernel does not take it for dead. */
const AGAIN = 10_000;

export interface Word {
  /** Number of the newest edit. */
  seq: number;
  /** All edits up to this one are stored, or with the kernel. */
  stored: number;
}

export class PendingWord {
  private said: Word = { seq: 0, stored: 0 };
  private saidAt = Number.NEGATIVE_INFINITY;
  private readonly timer = new Timer(() => this.say());

  constructor(
    private readonly word: () => Word,
    private readonly tell: (word: Word) => void,
    private readonly now: () => number,
  ) {}

  /** Something may have changed. */
  consider(): void {
    const word = this.word();
    const isNew = word.seq !== this.said.seq || word.stored !== this.said.stored;
    if (isOpen(this.said)) this.sayAt(this.saidAt + (isNew ? SPACING : AGAIN));
    else if (isOpen(word)) this.say();
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
    this.said = this.word();
    this.saidAt = this.now();
    this.tell(this.said);
    if (isOpen(this.said)) this.sayAt(this.saidAt + AGAIN);
  }
}

function isOpen({ seq, stored }: Word): boolean {
  return stored < seq;
}
