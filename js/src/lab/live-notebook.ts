// The live cells of one open notebook: which there are, what becomes of them when cells come and go, and what the file
// keeps of them.

import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { INotebookModel } from "@jupyterlab/notebook";
import { JSONExt } from "@lumino/coreutils";
import type { Doc, Transaction, UndoManager } from "yjs";
import type { Origin } from "../cells/cell-text";
import { type Cause, type Fate, type FollowedCell, fatesOf } from "../cells/fates";
import { hasOtherEnds } from "../cells/line-ends";
import { LiveCell } from "../cells/live-cell";
import { KEY, keptMark, type Mark, nameOf } from "../cells/mark";
import { noLongerLive, sharedAlready } from "../cells/notices";
import type { OpenDocuments } from "../cells/open-documents";
import { asideTexts } from "../cells/reconcile";
import type { CellEditors } from "./cell-editors";
import { NotebookMarks } from "./notebook-marks";
import { remade } from "./remade";
import { causeOf, type SharedCell, type Signal, textOf } from "./shared-cell";
import { WrongMarks } from "./wrong-marks";

export interface Tell {
  /** Something happened to cells that their user has to know. */
  say(words: string): void;
  /** Live cells have come, gone, or are in another state. */
  changed(): void;
  /** Ask, once for a course, whether cells of a notebook may be exchanged with the hub. */
  mayGoLive(course: string): Promise<boolean>;
  /** Ask, once for a course, whether its teachers may see how runs end. */
  mayShareRuns(course: string): Promise<boolean>;
  /** Whether either is allowed now; nobody is asked. */
  isAllowed(course: string): Promise<boolean>;
  letsRuns(course: string): Promise<boolean>;
}

/** A cell of the notebook: its mark and, where it is followed, the live cell. */
interface Known {
  mark: Mark | null;
  /** What the mark says, as far as it decides about the document. */
  key: string;
  live: LiveCell | null;
}

export class LiveNotebook {
  readonly marks: NotebookMarks;
  private readonly known = new Map<SharedCell, Known>();
  private readonly handedOver = new WeakMap<SharedCell, Mark>();
  private isAllowed = false;
  private sharesRuns = false;
  private hasLooked = false;
  private isScheduled = false;
  private readonly life = new AbortController();
  /** What changes the cells just now. */
  private cause: Cause = "edit";

  /** One for all panels that show the notebook: they share its cells. */
  constructor(
    private readonly context: DocumentRegistry.IContext<INotebookModel>,
    private readonly documents: OpenDocuments,
    private readonly editors: CellEditors,
    private readonly tell: Tell,
  ) {
    this.marks = new NotebookMarks(
      context,
      new WrongMarks(
        (words) => tell.say(words),
        (cell, why) => {
          editors.explain(cell, why);
          tell.changed();
        },
      ),
    );
    void this.start();
  }

  /** The live cells, in the order of the notebook. */
  get liveCells(): LiveCell[] {
    return this.cells.flatMap((cell) => this.known.get(cell)?.live ?? []);
  }

  /** Place of a live cell in the notebook; -1 when it is not there. */
  placeOf(live: LiveCell): number {
    return this.cells.findIndex((cell) => this.known.get(cell)?.live === live);
  }

  liveCell(cell: SharedCell): LiveCell | null {
    return this.known.get(cell)?.live ?? null;
  }

  askForRuns(asks: boolean): void {
    this.marks.askForRuns(asks);
    void this.considerRuns();
  }

  /** Others of this page have made the course known. */
  allow(): void {
    this.isAllowed = true;
    this.look();
    this.tell.changed();
  }

  mark(cell: SharedCell, mark: Mark | null): void {
    if (mark) cell.setMetadata(KEY, { ...mark });
    else cell.deleteMetadata(KEY);
    this.look();
  }

  get isAtRisk(): boolean {
    return this.liveCells.some((live) => live.isAtRisk);
  }

  wake(): void {
    for (const live of this.liveCells) live.wake();
  }

  flush(): void {
    for (const live of this.liveCells) live.flush();
  }

  private get cells(): SharedCell[] {
    return this.marks.cells;
  }

  private get shared(): { ydoc: Doc; undoManager: UndoManager } {
    return this.context.model.sharedModel as unknown as { ydoc: Doc; undoManager: UndoManager };
  }

  private async start(): Promise<void> {
    const { context } = this;
    await context.ready;
    if (context.isDisposed) return;
    const { model } = context;
    context.disposed.connect(() => this.dispose());
    const isMarked = this.cells.some((cell) => cell.getMetadata(KEY) !== undefined);
    if (model.collaborative) {
      if (isMarked) this.tell.say(sharedAlready());
      return;
    }
    // Before anybody hears of a change it is known what has made it.
    this.shared.ydoc.on("beforeObserverCalls", (transaction: Transaction) => {
      this.cause = causeOf(transaction);
    });
    model.sharedModel.changed.connect((_model, change) => {
      if (change.cellsChange) this.look(this.cause);
    });
    context.saveState.connect((_context, state) => this.saving(state));
    // Of wrong marks it is said that they are; there is nothing to be asked for.
    const isToBeAsked = this.cells.some((cell) => this.marks.of(cell));
    this.isAllowed = !isMarked || (isToBeAsked && (await this.tell.mayGoLive(this.marks.course)));
    if (context.isDisposed) return;
    this.look();
    if (isMarked) await this.considerRuns();
  }

  /** It has live cells that the user has not connected. */
  get isApart(): boolean {
    return !this.isAllowed && !this.context.model.collaborative && this.isMarked;
  }

  private get isMarked(): boolean {
    return this.cells.some((cell) => this.marks.of(cell));
  }

  /** The user may have changed, in the settings or with another notebook, what they allow. */
  async reconsider(): Promise<void> {
    if (this.isMarked) {
      const isAllowed = await this.tell.isAllowed(this.marks.course);
      if (!isAllowed) this.stop();
      else if (!this.isAllowed) this.allow();
    }
    if (this.sharesRuns)
      this.sharesRuns = this.marks.asksForRuns && (await this.tell.letsRuns(this.marks.course));
    this.tell.changed();
  }

  /** Follow nothing any more: the cells are ordinary ones until the user connects them. */
  private stop(): void {
    this.isAllowed = false;
    for (const [cell, known] of this.known) {
      known.live?.dispose();
      [known.live, known.key] = [null, ""];
      this.editors.set(cell, null);
    }
  }

  /** What the notebook asks for, and the user allows. */
  private async considerRuns(): Promise<void> {
    const { isAllowed, marks, tell } = this;
    this.sharesRuns = isAllowed && marks.asksForRuns && (await tell.mayShareRuns(marks.course));
    tell.changed();
  }

  /** Bring what is followed into agreement with the cells and marks that there are. */
  private look(seen: Cause = "edit"): void {
    if (!this.isAllowed || this.context.isDisposed || this.context.model.collaborative) return;
    const present = new Set(this.cells);
    const gone = [...this.known].filter(([cell]) => !present.has(cell));
    const come = [...present].filter((cell) => !this.known.has(cell));
    const stayed = [...this.known].filter(([cell]) => present.has(cell));
    const left = gone.flatMap(([cell, known]) => followed(cell, known));
    const cause = !stayed.length && isSameFile(gone, come) ? "file" : seen;
    if (cause !== "file") this.keepTypes(come, new Set(gone.map(([, { mark }]) => nameOf(mark))));
    const fates = fatesOf({
      cause,
      left,
      come: come.map((cell) => ({ cell, document: nameOf(this.marks.of(cell)), text: textOf(cell) })),
      stayed: stayed.flatMap(([cell, known]) => followed(cell, known)),
    });
    for (const [cell, known] of gone) this.forget(cell, known, cause === "undo");
    const isPasted = this.hasLooked && cause !== "file";
    this.hasLooked = true;
    for (const cell of come) this.meet(cell, fates.get(cell), isPasted);
    for (const [cell, known] of stayed) {
      if (fates.get(cell)?.kind === "strip") this.handOver(cell);
      this.review(cell, known);
    }
    if (cause === "undo") for (const one of left) this.takeBack(one);
    if (cause !== "undo" && gone.length + come.length) queueMicrotask(() => this.endUndoStep());
  }

  /**
   * What becomes of cells is one step of undo each, and so is reading the file: what two have done together cannot be told
   * apart afterwards.
   */
  private endUndoStep(): void {
    if (!this.context.isDisposed) this.shared.undoManager.stopCapturing();
  }

  /** Another cell has the text of the document, and with it the mark. */
  private handOver(cell: SharedCell): void {
    const mark = this.marks.of(cell);
    if (mark) this.handedOver.set(cell, mark);
    cell.transact(() => cell.deleteMetadata(KEY), false);
  }

  /** The cell that had the mark instead is undone: the one that it came from is the live one again. */
  private takeBack({ document, first }: FollowedCell<SharedCell>): void {
    if (this.cells.some((cell) => nameOf(this.marks.of(cell)) === document)) return;
    const cell = this.cells.find((one) => nameOf(this.handedOver.get(one) ?? null) === document);
    const mark = cell && this.handedOver.get(cell);
    const known = cell && this.known.get(cell);
    if (!cell || !mark || !known || this.marks.of(cell)) return;
    cell.transact(() => cell.setMetadata(KEY, { ...mark }), false);
    this.review(cell, known, { base: first, isUndo: true });
  }

  /** A cell whose type is changed shows the document that it showed before, also where its mark names no type. */
  private keepTypes(come: SharedCell[], gone: ReadonlySet<string>): void {
    for (const cell of come) {
      const kept = keptMark(cell.getMetadata(KEY), cell.cell_type, gone);
      if (kept) cell.transact(() => cell.setMetadata(KEY, kept), false);
    }
  }

  private meet(cell: SharedCell, fate: Fate | undefined, isPasted: boolean): void {
    const known: Known = { mark: null, key: "", live: null };
    this.known.set(cell, known);
    this.follow(cell);
    if (fate?.kind === "strip") {
      this.strip(cell);
      return;
    }
    const isHeir = fate?.kind === "inherit" || fate?.kind === "undo";
    this.review(
      cell,
      known,
      isHeir ? { base: fate.base, isUndo: fate.kind === "undo" } : undefined,
      isPasted,
    );
  }

  /** Listen to changes of the mark. */
  private follow(cell: SharedCell): void {
    const { metadataChanged } = cell as unknown as { metadataChanged?: Signal };
    metadataChanged?.connect(this.onMetadata, this);
  }

  private onMetadata(_cell: unknown, { key }: { key?: string }): void {
    if (key !== undefined && key !== KEY) return;
    if (this.isScheduled) return;
    // Not while the transaction that changes it is under way.
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      this.look();
    });
  }

  /** The mark may be another one. */
  private review(cell: SharedCell, known: Known, origin?: Origin, isPasted = false): void {
    const mark = this.marks.of(cell);
    const key = mark ? JSON.stringify([mark.document, mark.type, mark.shared, this.marks.course]) : "";
    if (key === known.key) return;
    known.live?.dispose({ isUnmarked: true });
    known.mark = mark;
    known.key = key;
    const isOdd = mark !== null && hasOtherEnds(textOf(cell));
    if (isOdd) this.remake(cell);
    known.live = isOdd ? null : mark && this.open(cell, mark, origin, isPasted);
    this.editors.set(cell, known.live);
    this.tell.changed();
  }

  private open(cell: SharedCell, mark: Mark, origin: Origin | undefined, isPasted: boolean): LiveCell {
    const live = new LiveCell({
      mark,
      course: this.marks.course,
      documents: this.documents,
      isPasted,
      sharesRuns: () => this.sharesRuns,
      ...(origin ? { origin } : {}),
      cell: {
        source: cell.ysource,
        quietly: (change) => this.quietly(change),
        isDisturbing: (changes) => this.editors.isComposing(cell, changes),
        remake: () => this.remake(cell),
        clearUndo: () => cell.clearUndoHistory(),
        unsaved: () => {
          this.context.model.dirty = true;
        },
      },
    });
    live.onChange(() => this.tell.changed(), this.life.signal);
    return live;
  }

  /** Not while its text or mark is being changed. */
  private remake(cell: SharedCell): void {
    queueMicrotask(() => {
      if (!this.context.isDisposed) remade(this.context.model, this.cells.indexOf(cell));
    });
  }

  /** Others' edits do not make a notebook dirty. JupyterLab before 4.6 says so of all changes. */
  private quietly(change: () => void): void {
    const { model } = this.context;
    const wasDirty = model.dirty;
    change();
    if (!wasDirty && model.dirty) model.dirty = false;
  }

  private strip(cell: SharedCell): void {
    const name = this.marks.of(cell)?.document ?? "";
    cell.transact(() => cell.deleteMetadata(KEY), false);
    this.tell.say(noLongerLive(name));
  }

  private forget(cell: SharedCell, known: Known, isUndone = false): void {
    const { metadataChanged } = cell as unknown as { metadataChanged?: Signal };
    metadataChanged?.disconnect(this.onMetadata, this);
    known.live?.dispose({ isUndone });
    this.known.delete(cell);
    this.editors.set(cell, null);
  }

  /** The file keeps what the hub had: whatever else it holds at the next opening was written without the hub. */
  private saving(state: DocumentRegistry.SaveState): void {
    if (state !== "started") return;
    for (const [cell, { live, mark }] of this.known) {
      live?.noteSaved();
      const { base, aside } = live ?? {};
      if (!mark || base === undefined) continue;
      const { aside: _before, ...said } = mark;
      const kept: Mark = { ...said, base, ...(aside ? { aside: asideTexts(aside) } : {}) };
      if (!JSONExt.deepEqual({ ...kept }, { ...this.marks.of(cell) }))
        cell.transact(() => cell.setMetadata(KEY, { ...kept }), false);
    }
  }

  private dispose(): void {
    this.life.abort();
    for (const [cell, known] of this.known) this.forget(cell, known);
  }
}

/** A live cell with what is known of its text; none when that is nothing. */
function followed(cell: SharedCell, { live, mark }: Known): FollowedCell<SharedCell>[] {
  const shared = live?.shared ?? live?.base;
  if (!mark || !live || shared === undefined) return [];
  return [{ cell, document: nameOf(mark), text: textOf(cell), shared, first: live.textAtFirst }];
}

/** A file that is read again brings cells of the ids that were there; whoever joins cells or changes their type makes others. */
function isSameFile(gone: [SharedCell, Known][], come: SharedCell[]): boolean {
  const ids = new Set(gone.map(([cell]) => cell.getId()));
  return come.some((cell) => ids.has(cell.getId()));
}
