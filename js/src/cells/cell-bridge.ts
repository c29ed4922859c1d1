// Keeps the text of a cell and a shared text of the hub equal. JupyterLab's own binding of cell and editor is left alone.
//
// What happens in the cell goes up place by place: one difference over everything would make text that nobody has
// touched the text of whoever undoes, comments out or replaces something. What comes down is applied in one transaction
// of an origin of ours, which the notebook's undo does not track.
//
// While an input method composes in an editor of the cell, a change of the same line would end the composition and leave
// half of it behind. Such changes wait until it has ended, and what the user types meanwhile is carried over them.
import { ChangeSet } from "@codemirror/state";
import type * as Y from "yjs";
import { LIVE_TEXT_BYTES } from "../schema/limits";
import { sizeNearLimit } from "../text/document-size";
import { differences } from "../text/merge";
import { difference } from "../text/rebase";
import { cleaned, isClean, jsonBytes } from "../text/text-rules";
import type { Replacement } from "../text/whole-characters";
import { pieces } from "../text/whole-characters";
import { hasOtherEnds } from "./line-ends";

/** A longer insertion is made in several steps, so that each fits into a message to the hub. */
const PIECE = 100_000;
/** Stands for something in a shared text that is no text. */
const NO_TEXT = "\ufffc";

type Delta = Y.YTextEvent["delta"];

export type NotTaken = "read-only" | "cleaned" | "too-large";

export interface BridgeOptions {
  /** The cell's text, in the notebook's Y.Doc. */
  cell: Y.Text;
  /** The hub's text, in a Y.Doc of its own. */
  shared: Y.Text;
  isWritable: () => boolean;
  /** Why an edit was not taken, or not as it was typed. */
  notTaken: (why: NotTaken) => void;
  /** Change the cell without making the notebook dirty. */
  quietly: (change: () => void) => void;
  /** Whether showing these changes now would disturb somebody who composes. */
  isDisturbing?: (changes: ChangeSet) => boolean;
  /** Put an equal cell with the line ends of the hub into the place of this one, soon. */
  remake?: () => void;
  /** The user has changed the cell, and the shared text with it. */
  onEdit: () => void;
  /** Others have changed the shared text, and the cell with it. */
  onRemote: (transaction: Y.Transaction) => void;
}

export class CellBridge {
  /** How often the texts had to be made equal because they were not; none are known of. */
  repairs = 0;
  /** What the cell does not show yet, as a change of its present text. */
  private held: ChangeSet | null = null;
  private isDisposed = false;
  private readonly origin = this;

  constructor(private readonly options: BridgeOptions) {
    if (!this.holdsAtFirst()) this.bringDown();
    options.cell.observe(this.onCell);
    options.shared.observe(this.onShared);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.options.cell.unobserve(this.onCell);
    this.options.shared.unobserve(this.onShared);
  }

  /** Nobody composes any more: show what has waited. */
  release(): void {
    if (this.held && !this.options.isDisturbing?.(this.held)) this.showHeld();
  }

  /** Make a text of the user's the shared one, as their own edit; the cell follows. */
  replace(text: string): void {
    const { shared } = this.options;
    const clean = cleaned(text).text;
    this.toShared(differences(shared.toString(), clean));
    this.bringDown();
  }

  private readonly onCell = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this.origin || this.isDisposed) return;
    if (!this.options.isWritable()) {
      this.options.notTaken("read-only");
      // Not inside the transaction that is being observed.
      queueMicrotask(() => this.bringDown());
      return;
    }
    this.options.onEdit();
    this.pushUp(event.delta);
  };

  private readonly onShared = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this.origin || this.isDisposed) return;
    const { cell, isDisturbing } = this.options;
    this.options.onRemote(transaction);
    const delta = plain(event.delta);
    const changes = isDisturbing && changesIn(delta, this.held?.newLength ?? cell.length);
    if (changes && (this.held || isDisturbing(changes))) {
      this.held = this.held?.compose(changes) ?? changes;
      this.release();
      return;
    }
    this.toCell(() => cell.applyDelta(delta));
    if (cell.length !== this.options.shared.length) this.repair();
  };

  private showHeld(): void {
    const { held } = this;
    if (!held) return;
    this.held = null;
    const { cell, shared } = this.options;
    this.toCell(() => apply(cell, replacementsOf(held)));
    if (cell.length !== shared.length) this.repair();
  }

  /** What was changed in the cell, as changes of the shared text. */
  private carriedUp(delta: Delta): Replacement[] {
    const { held } = this;
    const changes = replacements(delta);
    if (!held) return changes;
    const own = ChangeSet.of(changes, held.length, "\n");
    this.held = held.map(own, true);
    return replacementsOf(own.map(held));
  }

  private pushUp(delta: Delta): void {
    const { cell, notTaken, shared } = this.options;
    let isDirty = false;
    const clean = (change: Replacement): Replacement => {
      if (isClean(change.insert)) return change;
      isDirty = true;
      return { ...change, insert: cleaned(change.insert).text };
    };
    // Read only when something is replaced: a long text takes its time.
    let before: string | null = null;
    const textBefore = () => {
      before ??= shared.toString();
      return before;
    };
    const changes = this.carriedUp(delta).flatMap((change) => narrowed(clean(change), textBefore));
    const isTooLarge = !hasRoom(shared, changes);
    if (!isTooLarge) this.toShared(changes);
    if (isDirty || isTooLarge) {
      notTaken(isTooLarge ? "too-large" : "cleaned");
      queueMicrotask(() => this.bringDown());
    } else if (!this.held && cell.length !== shared.length) this.repair();
  }

  private repair(): void {
    this.repairs += 1;
    console.warn("teaching_nb: a cell and its shared text had to be made equal");
    queueMicrotask(() => this.bringDown());
  }

  /** Somebody composes where the cell differs from the shared text: that waits as what comes later does. */
  private holdsAtFirst(): boolean {
    const { cell, isDisturbing, shared } = this.options;
    if (!isDisturbing) return false;
    const changes = ChangeSet.of(differences(cell.toString(), shown(shared)), cell.length, "\n");
    if (changes.empty || !isDisturbing(changes)) return false;
    this.held = changes;
    return true;
  }

  /** The shared text counts. */
  private bringDown(): void {
    if (this.isDisposed) return;
    this.held = null;
    const { cell, remake, shared } = this.options;
    const text = cell.toString();
    if (remake && hasOtherEnds(text)) {
      remake();
      return;
    }
    const changes = differences(text, shown(shared));
    if (changes.length) this.toCell(() => apply(cell, changes));
  }

  private toShared(changes: Replacement[]): void {
    makeChanges(this.options.shared, changes, this.origin);
  }

  private toCell(change: () => void): void {
    const { cell, quietly } = this.options;
    quietly(() => cell.doc?.transact(change, this.origin));
  }
}

/** Change a shared text in one step, or in several that fit into a message each. */
export function makeChanges(text: Y.Text, changes: Replacement[], origin: unknown): void {
  const isLong = changes.some(({ insert }) => insert.length > PIECE);
  if (isLong) apply(text, changes, (step) => text.doc?.transact(step, origin));
  else text.doc?.transact(() => apply(text, changes), origin);
}

/** A shared text as a cell can show it. */
export function shown(text: Y.Text): string {
  return (text.toDelta() as Delta)
    .map(({ insert }) => (typeof insert === "string" ? insert : NO_TEXT))
    .join("");
}

/** What a delta replaces, in positions of the text before it. */
function replacements(delta: Delta): Replacement[] {
  const found: Replacement[] = [];
  let [position, open]: [number, Replacement | null] = [0, null];
  for (const { retain = 0, delete: removed = 0, insert } of delta) {
    if (retain) {
      position += retain;
      open = null;
      continue;
    }
    if (!open) {
      open = { from: position, to: position, insert: "" };
      found.push(open);
    }
    position += removed;
    open.to = position;
    if (typeof insert === "string") open.insert += insert;
  }
  return found;
}

function replacementsOf(changes: ChangeSet): Replacement[] {
  const found: Replacement[] = [];
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    found.push({ from, to, insert: inserted.sliceString(0, inserted.length, "\n") });
  });
  return found;
}

/** A delta as changes of a text of this length; null when it does not fit. */
function changesIn(delta: Delta, length: number): ChangeSet | null {
  try {
    return ChangeSet.of(replacements(delta), length, "\n");
  } catch {
    return null;
  }
}

/** The smallest changes that do the same: what is deleted and inserted again keeps its author. */
function narrowed(change: Replacement, before: () => string): Replacement[] {
  const { from, to, insert } = change;
  if (from === to || !insert) return [change];
  const old = before().slice(from, to);
  const small = difference(old, insert);
  const isOne = small.to === small.from || !small.insert;
  const parts = isOne ? [small] : differences(old, insert);
  return parts.map((part) => ({ from: from + part.from, to: from + part.to, insert: part.insert }));
}

/** Make changes to a text, whose positions are those before all of them; `step` does each part. */
function apply(text: Y.Text, changes: Replacement[], step = (part: () => void): void => part()): void {
  for (const { from, to, insert } of [...changes].reverse()) {
    if (to > from) step(() => text.delete(from, to - from));
    let at = from;
    for (const piece of pieces(insert, PIECE)) {
      const place = at;
      step(() => text.insert(place, piece));
      at += piece.length;
    }
  }
}

/** Whether the hub takes the document with these changes. A change that makes nothing larger always has room. */
function hasRoom(text: Y.Text, changes: Replacement[]): boolean {
  const inserted = changes.reduce((sum, { insert }) => sum + jsonBytes(insert), 0);
  const removed = changes.reduce((sum, { from, to }) => sum + to - from, 0);
  if (!text.doc || inserted <= removed) return true;
  return sizeNearLimit(text.doc, inserted) + inserted - removed <= LIVE_TEXT_BYTES;
}

/** A delta without formats, and with a sign for what is no text. */
function plain(delta: Delta): Delta {
  return delta.map(({ attributes: _formats, insert, ...rest }) =>
    insert === undefined ? rest : { ...rest, insert: typeof insert === "string" ? insert : NO_TEXT },
  ) as Delta;
}
