// Marks that cannot be followed: said once for each cell, and of several at once in one sentence.

import { cannotBeLive } from "../cells/notices";
import type { SharedCell } from "./shared-cell";

export class WrongMarks {
  /** By the ids of the cells, which stay when a cell is moved. */
  private readonly said = new Map<string, string>();
  private waiting: string[] = [];

  constructor(private readonly say: (words: string) => void) {}

  note(cell: SharedCell, why: string): void {
    const id = cell.getId();
    if (this.said.get(id) === why) return;
    this.said.set(id, why);
    // All cells of a notebook are looked at together.
    if (this.waiting.push(why) === 1) queueMicrotask(() => this.tell());
  }

  /** The mark of a cell is one now, or gone. */
  settled(cell: SharedCell): void {
    this.said.delete(cell.getId());
  }

  private tell(): void {
    const [first = ""] = this.waiting;
    this.say(cannotBeLive(first, this.waiting.length));
    this.waiting = [];
  }
}
