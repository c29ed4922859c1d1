// The cells of a notebook as its model has them, and what made them change.

import type { Text, Transaction } from "yjs";
import type { Cause } from "../cells/fates";

/** The shared model of a cell; what its interface leaves out is that its text is a Y.Text. */
export interface SharedCell {
  readonly cell_type: string;
  readonly ysource: Text;
  getId(): string;
  getMetadata(key?: string): unknown;
  setMetadata(key: string, value: unknown): void;
  deleteMetadata(key: string): void;
  transact(change: () => void, undoable?: boolean): void;
  clearUndoHistory(): void;
}

export interface Signal {
  connect(listener: (cell: unknown, change: { key?: string }) => void, context: object): void;
  disconnect(listener: (cell: unknown, change: { key?: string }) => void, context: object): void;
}

export function textOf(cell: SharedCell): string {
  return cell.ysource.toString();
}

/** Only a file that is read says in which format it is. Undo managers are told by what they do: Yjs may be another copy. */
export function causeOf({ changed, doc, origin }: Transaction): Cause {
  const meta = doc.share.get("meta") as unknown as Parameters<typeof changed.get>[0] | undefined;
  if (meta && changed.get(meta)?.has("nbformat")) return "file";
  return typeof origin === "object" && origin !== null && "undoStack" in origin ? "undo" : "edit";
}
