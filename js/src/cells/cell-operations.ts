// What was done to the cell of a document (a split, a merge) and thereby to its text, so that undoing takes back just
// that, and in its place: text that is deleted and typed anew would stand behind what others have typed there meanwhile.
import * as Y from "yjs";

interface Operation {
  /** What the cell held, and the one that took its place. */
  before: string;
  after: string;
  /** A large change is made in several steps. */
  steps: number;
}

/** Origin of such a change. */
const OPERATION = "cell operation";
/** So many can be undone like that; deleted text is kept for it. */
const MOST = 20;

export class CellOperations {
  private manager: Y.UndoManager | null = null;
  private text: Y.Text | null = null;
  private done: Operation[] = [];
  private undone: Operation[] = [];

  /** Have a text changed by `change`, in transactions of the origin that it is given. */
  perform(text: Y.Text, before: string, after: string, change: (origin: unknown) => void): void {
    const manager = this.managerOf(text);
    if (this.done.length >= MOST) this.forget(manager);
    const known = manager.undoStack.length;
    change(OPERATION);
    this.undone = [];
    this.done.push({ before, after, steps: manager.undoStack.length - known });
  }

  /** Take back, or repeat, what led from one text of the cell to the other; false when that was not done last. */
  takeBack(text: Y.Text, from: string, to: string): boolean {
    const manager = this.managerOf(text);
    const [done, undone] = [this.done.at(-1), this.undone.at(-1)];
    if (done?.after === from && done.before === to) {
      for (let step = 0; step < done.steps; step += 1) manager.undo();
      this.undone.push(...this.done.splice(-1));
      return true;
    }
    if (undone?.before === from && undone.after === to) {
      for (let step = 0; step < undone.steps; step += 1) manager.redo();
      this.done.push(...this.undone.splice(-1));
      return true;
    }
    return false;
  }

  private managerOf(text: Y.Text): Y.UndoManager {
    if (this.manager && this.text === text) return this.manager;
    this.manager?.destroy();
    this.manager = new Y.UndoManager(text, { trackedOrigins: new Set([OPERATION]), captureTimeout: 0 });
    this.text = text;
    this.done = [];
    this.undone = [];
    return this.manager;
  }

  private forget(manager: Y.UndoManager): void {
    manager.clear();
    this.done = [];
  }
}
