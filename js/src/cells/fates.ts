// What becomes of live cells when cells of a notebook come and go. JupyterLab makes new cells for a split, a move, a
// merge, a change of type and every undo of these, with copied metadata; only together do they say what happened. Pure.

export interface SeenCell<Cell> {
  cell: Cell;
  /** Name of the cell's document; empty when the cell is not live. */
  document: string;
  text: string;
}

export interface Change<Cell> {
  /** Cells with a bridge that are in the notebook no more, with the text that the bridge had last. */
  left: SeenCell<Cell>[];
  /** Cells that were not there before. */
  come: SeenCell<Cell>[];
  /** Cells with a bridge that are still there. */
  stayed: SeenCell<Cell>[];
  /** All cells are others than before: the notebook was read from the disk again. */
  isReload: boolean;
}

export type Fate =
  /** Follow the hub, whose text counts. */
  | { kind: "open" }
  /** Follow the hub; the difference to `base`, which the bridge had last, is the user's own edit. */
  | { kind: "inherit"; base: string }
  /** The user's own text from now on: it is no longer live. */
  | { kind: "strip" };

export function fatesOf<Cell>({ left, come, stayed, isReload }: Change<Cell>): Map<Cell, Fate> {
  const fates = new Map<Cell, Fate>();
  const heirs = new Set<string>();
  for (const { cell, document, text } of come) {
    if (!document) continue;
    const other = stayed.find((one) => one.document === document);
    const former = left.find((one) => one.document === document);
    // A stale file must never take away what others have written.
    if (other && other.text !== text) fates.set(cell, { kind: "strip" });
    else if (!other && former && !isReload && !heirs.has(document)) {
      heirs.add(document);
      fates.set(cell, { kind: "inherit", base: former.text });
    } else if (heirs.has(document)) fates.set(cell, { kind: "strip" });
    else fates.set(cell, { kind: "open" });
  }
  return fates;
}
