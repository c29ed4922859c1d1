// Keeps an editor and a shared text the same.
//
// What the user does goes into the Y.Text at once. What others do goes into the editor at once too, but for one
// case: while an input method composes, a change of the same line would end the composition and leave half of it
// behind. Such changes wait until it has ended, and what the user types meanwhile is carried over them.
import {
  Annotation,
  ChangeSet,
  EditorSelection,
  type EditorState,
  type Extension,
  Facet,
  type SelectionRange,
  Transaction,
} from "@codemirror/state";
import { type EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import * as Y from "yjs";
import { Timer } from "../live/timer";
import { difference } from "../text/rebase";
import { unitAt } from "../text/text-rules";
import { pieces, type Replacement, wholeCharacters } from "../text/whole-characters";

/** Marks a transaction that shows what is in the shared text already. */
const fromShared = Annotation.define<boolean>();

/** A longer insertion is made in several steps, so that each fits into a message to the hub. */
const PIECE = 100_000;
/** So long after its end an input method may still hand over what was composed. */
const AFTER_COMPOSING = 80;
const CAPTURE = 500;

/** Stands for something in a shared text that is no text. */
const NO_TEXT = "\ufffc";

interface Step {
  at: number;
  remove: number;
  insert: string;
}

/** A selection that keeps its place while others edit. */
export interface SharedRange {
  anchor: Y.RelativePosition;
  head: Y.RelativePosition;
}

export class TextBinding implements PluginValue {
  /** What the editor does not show yet, as a change of its present text. */
  private held: ChangeSet | null = null;
  /** Where the user's selection was before the edit that is just being made. */
  beforeEdit: SharedRange | null = null;
  private readonly timer = new Timer(() => this.release());
  private readonly whenComposed = () => this.timer.start(AFTER_COMPOSING);

  constructor(
    private readonly view: EditorView,
    readonly text: Y.Text,
    private readonly undo: Y.UndoManager | null,
  ) {
    undo?.addTrackedOrigin(this);
    text.observe(this.observe);
    view.contentDOM.addEventListener("compositionend", this.whenComposed);
  }

  destroy(): void {
    this.timer.cancel();
    this.undo?.removeTrackedOrigin(this);
    this.text.unobserve(this.observe);
    this.view.contentDOM.removeEventListener("compositionend", this.whenComposed);
  }

  update(update: ViewUpdate): void {
    if (!update.docChanged) return;
    for (const transaction of update.transactions)
      if (transaction.docChanged && !transaction.annotation(fromShared)) this.push(transaction);
    if (!this.held && this.text.length !== update.state.doc.length) queueMicrotask(() => this.repair());
  }

  /** A position in the editor as one in the shared text, and back. */
  toShared(position: number): number {
    return this.held ? this.held.mapPos(position) : position;
  }

  toEditor(index: number): number {
    const { held, view } = this;
    const position = held ? held.invertedDesc.mapPos(Math.min(index, held.newLength)) : index;
    return Math.min(position, view.state.doc.length);
  }

  rangeOf({ anchor, head }: SelectionRange): SharedRange {
    return { anchor: this.positionOf(anchor), head: this.positionOf(head) };
  }

  /** The selection at this place now; null when the place cannot be found (yet). */
  selectionAt({ anchor, head }: SharedRange): SelectionRange | null {
    const [from, to] = [this.indexOf(anchor), this.indexOf(head)];
    return from === null || to === null
      ? null
      : EditorSelection.range(this.toEditor(from), this.toEditor(to));
  }

  private positionOf(position: number): Y.RelativePosition {
    const index = Math.min(this.toShared(position), this.text.length);
    return Y.createRelativePositionFromTypeIndex(this.text, index);
  }

  private indexOf(position: Y.RelativePosition): number | null {
    const { doc } = this.text;
    const found = doc && Y.createAbsolutePositionFromRelativePosition(position, doc);
    return found && found.type === this.text ? found.index : null;
  }

  private readonly observe = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
    if (transaction.origin === this) return;
    const length = this.held?.newLength ?? this.view.state.doc.length;
    try {
      const changes = changesIn(event.delta, length);
      this.held = this.held ? this.held.compose(changes) : changes;
    } catch {
      // The editor is not where the shared text was: then what it says now counts.
      this.held = null;
      this.repair();
      return;
    }
    this.release();
  };

  private release(): void {
    const { held, view } = this;
    if (!held || (view.compositionStarted && isNearCursor(held, view.state))) return;
    this.held = null;
    this.show(held);
    if (this.text.length !== view.state.doc.length) this.repair();
  }

  private show(changes: ChangeSet): void {
    this.view.dispatch({ changes, annotations: [fromShared.of(true), Transaction.remote.of(true)] });
  }

  private push({ changes, startState }: Transaction): void {
    const { doc } = this.text;
    if (!doc) return;
    if (this.undo)
      this.undo.captureTimeout = this.view.compositionStarted ? Number.POSITIVE_INFINITY : CAPTURE;
    this.beforeEdit = this.rangeOf(startState.selection.main);
    let shared = changes;
    let unit = (position: number) => unitAt(startState.doc, position);
    if (this.held) {
      const whole = shownText(this.text);
      unit = (position) => whole[position];
      shared = changes.map(this.held);
      this.held = this.held.map(changes, true);
    }
    for (const step of stepsOf(shared, unit)) doc.transact(() => this.write(step), this);
  }

  private write(steps: Step[]): void {
    for (const { at, remove, insert } of steps) {
      if (remove) this.text.delete(at, remove);
      if (insert) this.text.insert(at, insert);
    }
  }

  /** Show what the shared text says; needed only after a mistake, and better than two texts that drift apart. */
  private repair(): void {
    const shown = this.view.state.doc.sliceString(0, this.view.state.doc.length, "\n");
    const { from, to, insert } = difference(shown, shownText(this.text));
    if (from === to && !insert) return;
    console.info("teaching_nb: the editor was brought into agreement with the shared text");
    this.show(ChangeSet.of({ from, to, insert }, shown.length, "\n"));
  }
}

/** The shared text of an editor, and who remembers what can be undone in it. */
interface Source {
  text: Y.Text;
  undo: Y.UndoManager | null;
}

const source = Facet.define<Source, Source | null>({ combine: (values) => values.at(-1) ?? null });

const plugin = ViewPlugin.define((view) => {
  const { text, undo } = view.state.facet(source) ?? { text: new Y.Text(), undo: null };
  return new TextBinding(view, text, undo);
});

export function textBinding(text: Y.Text, undo: Y.UndoManager | null): Extension {
  return [source.of({ text, undo }), plugin];
}

/** The binding of an editor; null in one that shows no shared text. */
export function bindingOf(view: EditorView): TextBinding | null {
  return view.plugin(plugin);
}

/** What an editor shows of a shared text: as many units as that counts, also where it holds something else. */
export function shownText(text: Y.Text): string {
  const plain = text.toString();
  if (plain.length === text.length) return plain;
  return text
    .toDelta()
    .map(({ insert }: { insert: unknown }) => (typeof insert === "string" ? insert : NO_TEXT))
    .join("");
}

function changesIn(delta: Y.YTextEvent["delta"], length: number): ChangeSet {
  const changes: Replacement[] = [];
  let at = 0;
  for (const { insert, delete: removed, retain } of delta) {
    if (insert !== undefined)
      changes.push({ from: at, to: at, insert: typeof insert === "string" ? insert : NO_TEXT });
    else if (removed !== undefined) {
      changes.push({ from: at, to: at + removed, insert: "" });
      at += removed;
    } else at += retain ?? 0;
  }
  return ChangeSet.of(changes, length, "\n");
}

function isNearCursor(changes: ChangeSet, { doc, selection }: EditorState): boolean {
  const { from, to } = doc.lineAt(selection.main.head);
  return changes.touchesRange(from, to) !== false;
}

/** A change as steps of one transaction after the other; positions count what the earlier steps have changed. */
function stepsOf(changes: ChangeSet, unit: (position: number) => string | undefined): Step[][] {
  const steps: Step[] = [];
  let shift = 0;
  changes.iterChanges((from, to, _fromB, _toB, inserted) => {
    const insert = inserted.sliceString(0, inserted.length, "\n");
    const whole = wholeCharacters({ from, to, insert }, unit);
    const [first = "", ...rest] = pieces(whole.insert, PIECE);
    let at = whole.from + shift;
    steps.push({ at, remove: whole.to - whole.from, insert: first });
    for (const [index, piece] of rest.entries()) {
      at += (rest[index - 1] ?? first).length;
      steps.push({ at, remove: 0, insert: piece });
    }
    shift += whole.insert.length - (whole.to - whole.from);
  });
  return inMessages(steps);
}

function inMessages(steps: Step[]): Step[][] {
  const messages: Step[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const step of steps) {
    if (size + step.insert.length > PIECE) {
      messages.push([]);
      size = 0;
    }
    messages.at(-1)?.push(step);
    size += step.insert.length;
  }
  return messages;
}
