// What becomes of live cells when cells of a notebook come and go. JupyterLab makes new cells for a split, a move, a
// merge, a change of type and every undo of these, with copied metadata; only together do they say what happened. Pure.

export interface SeenCell<Cell> {
  cell: Cell;
  /** Name of the cell's document; empty when the cell is not live. */
  document: string;
  /** What the cell holds now. */
  text: string;
}

export interface FollowedCell<Cell> extends SeenCell<Cell> {
  /** What the hub had last, as far as this page knows. */
  shared: string;
  /** What the cell held when it came. */
  first: string;
}

/** How the notebook has changed: by its user, by undoing or redoing that, or because its file was read again. */
export type Cause = "edit" | "undo" | "file";

export interface Change<Cell> {
  cause: Cause;
  /** Live cells that are in the notebook no more. */
  left: FollowedCell<Cell>[];
  /** Cells that were not there before. */
  come: SeenCell<Cell>[];
  /** Live cells that are still there. */
  stayed: FollowedCell<Cell>[];
}

export type Fate =
  /** Follow the hub, whose text counts. */
  | { kind: "open" }
  /** Follow the hub; the difference to `base` is the user's own edit. */
  | { kind: "inherit"; base: string }
  /** Follow the hub; what the user has undone are the changes from `base`, and nobody else's later ones. */
  | { kind: "undo"; base: string }
  /** The user's own text from now on: it is no longer live. */
  | { kind: "strip" };

export function fatesOf<Cell>({ cause, left, come, stayed }: Change<Cell>): Map<Cell, Fate> {
  const fates = new Map<Cell, Fate>();
  const heirs = new Set<string>();
  for (const { cell, document, text } of come) {
    if (!document) continue;
    const other = stayed.find((one) => one.document === document && fates.get(one.cell) === undefined);
    const former = left.find((one) => one.document === document);
    if (heirs.has(document)) fates.set(cell, { kind: "strip" });
    else if (other && cause !== "file" && text && isEmptied(other)) {
      // A split behind the last letter: what is left over is not the document.
      heirs.add(document);
      fates.set(other.cell, { kind: "strip" });
      fates.set(cell, { kind: "inherit", base: other.shared });
    } else if (other) fates.set(cell, { kind: other.text === text ? "open" : "strip" });
    // A stale file must never take away what others have written.
    else if (!former || cause === "file") fates.set(cell, { kind: "open" });
    else {
      heirs.add(document);
      fates.set(cell, cause === "undo" ? undone(former) : { kind: "inherit", base: former.shared });
    }
  }
  return fates;
}

function isEmptied({ text, shared }: FollowedCell<unknown>): boolean {
  return !text.trim() && shared.trim() !== "";
}

/** A restored cell is as old as what left: what was written since then, by anybody, was not undone. */
function undone({ first }: FollowedCell<unknown>): Fate {
  return { kind: "undo", base: first };
}
