// Marks that cannot be followed: said below each such cell, and once in a notification, of several in one sentence.

import { cannotBeLive } from "../cells/notices";
import type { SharedCell } from "./shared-cell";

export class WrongMarks {
  private readonly reasons = new WeakMap<SharedCell, string>();
  /** By the ids of the cells, which stay when a cell is moved. */
  private readonly said = new Map<string, string>();
  private waiting: string[] = [];

  /** `explain` says it below a cell; nothing, when there is nothing to be said any more. */
  constructor(
    private readonly say: (words: string) => void,
    private readonly explain: (cell: SharedCell, why: string) => void,
  ) {}

  /** Why the mark of a cell is none; empty where it is one, or there is none. */
  of(cell: SharedCell): string {
    return this.reasons.get(cell) ?? "";
  }

  note(cell: SharedCell, why: string): void {
    this.tellOf(cell, why);
    const id = cell.getId();
    if (this.said.get(id) === why) return;
    this.said.set(id, why);
    // All cells of a notebook are looked at together.
    if (this.waiting.push(why) === 1) queueMicrotask(() => this.tell());
  }

  /** The mark of a cell is one now, or gone. */
  settled(cell: SharedCell): void {
    this.said.delete(cell.getId());
    this.tellOf(cell, "");
  }

  private tellOf(cell: SharedCell, why: string): void {
    if (this.of(cell) === why) return;
    this.reasons.set(cell, why);
    // Marks are read while others are told of changes.
    queueMicrotask(() => this.explain(cell, why));
  }

  private tell(): void {
    const [first = ""] = this.waiting;
    this.say(cannotBeLive(first, this.waiting.length));
    this.waiting = [];
  }
}
