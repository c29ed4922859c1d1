// What the metadata of an open notebook say of live cells: its course, and the mark of each cell.

import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { INotebookModel } from "@jupyterlab/notebook";
import {
  asksForRuns,
  asObject,
  courseIn,
  describeCourse,
  InvalidMark,
  KEY,
  type Mark,
  markIn,
  RUNS,
} from "../cells/mark";
import type { SharedCell } from "./shared-cell";
import type { WrongMarks } from "./wrong-marks";

export class NotebookMarks {
  constructor(
    private readonly context: DocumentRegistry.IContext<INotebookModel>,
    readonly wrongMarks: WrongMarks,
  ) {}

  get cells(): SharedCell[] {
    return this.context.model.sharedModel.cells as unknown as SharedCell[];
  }

  /** Names of documents that the notebook uses. */
  get names(): Set<string> {
    return new Set(this.cells.flatMap((cell) => this.of(cell)?.document ?? []));
  }

  get course(): string {
    return courseIn(this.metadata);
  }

  /** Why the notebook's course is none; empty where it is one. */
  get wrongCourse(): string {
    return describeCourse(this.metadata);
  }

  private get metadata(): Record<string, unknown> {
    return { [KEY]: this.context.model.sharedModel.getMetadata(KEY) };
  }

  /** Whether teachers want to see how runs end. */
  get asksForRuns(): boolean {
    return asksForRuns(this.metadata);
  }

  askForRuns(asks: boolean): void {
    const { [RUNS]: _before, ...kept } = asObject(this.metadata[KEY]);
    this.context.model.sharedModel.setMetadata(KEY, { ...kept, ...(asks ? { [RUNS]: true } : {}) });
  }

  /** What the mark of a cell says, whether it is followed or not. */
  of(cell: SharedCell): Mark | null {
    try {
      const mark = markIn({ [KEY]: cell.getMetadata(KEY) }, cell.cell_type);
      if (mark && this.wrongCourse) throw new InvalidMark(this.wrongCourse);
      this.wrongMarks.settled(cell);
      return mark;
    } catch (error) {
      if (!(error instanceof InvalidMark)) throw error;
      this.wrongMarks.note(cell, error.message);
      return null;
    }
  }
}
