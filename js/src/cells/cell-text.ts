// A cell of a notebook, as far as a live cell has to do with it.
import type { ChangeSet } from "@codemirror/state";
import type * as Y from "yjs";
import type { Mark } from "./mark";
import type { OpenDocuments } from "./open-documents";

/** The cell in its notebook. */
export interface CellText {
  source: Y.Text;
  /** Change the cell without making the notebook dirty. */
  quietly(change: () => void): void;
  /** Whether showing these changes now would disturb somebody who composes. */
  isDisturbing?(changes: ChangeSet): boolean;
  /** Put an equal cell with the line ends of the hub into its place, soon. */
  remake?(): void;
  /** What was typed before belongs to another text. */
  clearUndo(): void;
  /** It holds what the file does not. */
  unsaved?(): void;
}

/** What the text of a cell was made of that takes the place of another one; the difference is the user's own doing. */
export interface Origin {
  base: string;
  /** They have undone something, and their text is nothing that could be lost. */
  isUndo: boolean;
}

/** What a live cell is made of. */
export interface LiveCellOptions {
  mark: Mark;
  course: string;
  cell: CellText;
  documents: OpenDocuments;
  /** Missing when the cell comes from a file or the clipboard: then its mark says what is known. */
  origin?: Origin;
  /** It comes from the clipboard, or from undoing: its mark is as old as the file, and its text may be newer. */
  isPasted?: boolean;
  /** Whether teachers get to know how runs end. */
  sharesRuns?: () => boolean;
  now?: () => number;
  random?: () => number;
}
