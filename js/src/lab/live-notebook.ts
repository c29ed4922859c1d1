// The live cells of one open notebook: which there are, what becomes of them when cells come and go, and what the file
// keeps of them.
import type { DocumentRegistry } from "@jupyterlab/docregistry";
import type { NotebookPanel } from "@jupyterlab/notebook";
import { JSONExt } from "@lumino/coreutils";
import type { Text } from "yjs";
import { type Fate, fatesOf, type SeenCell } from "../cells/fates";
import { type Hub, LiveCell } from "../cells/live-cell";
import { courseIn, InvalidMark, KEY, type Mark, markIn } from "../cells/mark";
import { cannotBeLive, noLongerLive, SHARED_ALREADY } from "../cells/notices";
import type { UnsentStore } from "../cells/unsent-store";
import type { CellEditors } from "./cell-editors";

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

export interface Tell {
  /** Something happened to cells that their user has to know. */
  say(words: string): void;
  /** Live cells have come, gone, or are in another state. */
  changed(): void;
  /** Ask, once for a course, whether cells of a notebook may be exchanged with the hub. */
  mayGoLive(course: string): Promise<boolean>;
}

/** A cell of the notebook: its mark and, where it is followed, the live cell. */
interface Known {
  mark: Mark | null;
  /** What the mark says, as far as it decides about the document. */
  key: string;
  live: LiveCell | null;
}

export class LiveNotebook {
  private readonly known = new Map<SharedCell, Known>();
  private isAllowed = false;
  private isScheduled = false;
  private readonly life = new AbortController();

  constructor(
    private readonly panel: NotebookPanel,
    private readonly hub: Hub,
    private readonly store: UnsentStore | null,
    private readonly editors: CellEditors,
    private readonly tell: Tell,
  ) {
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

  /** Names of documents that the notebook uses. */
  get names(): Set<string> {
    return new Set(this.cells.flatMap((cell) => this.markOf(cell)?.document ?? []));
  }

  get course(): string {
    return courseIn({ [KEY]: this.panel.content.model?.sharedModel.getMetadata(KEY) });
  }

  /** Others of this page have made the course known. */
  allow(): void {
    this.isAllowed = true;
    this.look();
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
    return (this.panel.content.model?.sharedModel.cells ?? []) as unknown as SharedCell[];
  }

  private async start(): Promise<void> {
    const { panel } = this;
    await panel.context.ready;
    const { model } = panel.content;
    if (panel.isDisposed || !model) return;
    panel.disposed.connect(() => this.dispose());
    const isMarked = this.cells.some((cell) => cell.getMetadata(KEY) !== undefined);
    if (model.collaborative) {
      if (isMarked) this.tell.say(SHARED_ALREADY);
      return;
    }
    model.sharedModel.changed.connect((_model, change) => {
      if (change.cellsChange) this.look();
    });
    panel.context.saveState.connect((_context, state) => this.saving(state));
    this.isAllowed = !isMarked || (await this.tell.mayGoLive(this.course));
    if (!panel.isDisposed) this.look();
  }

  /** Bring what is followed into agreement with the cells and marks that there are. */
  private look(): void {
    if (!this.isAllowed || this.panel.isDisposed || this.panel.content.model?.collaborative) return;
    const present = new Set(this.cells);
    const gone = [...this.known].filter(([cell]) => !present.has(cell));
    const come = [...present].filter((cell) => !this.known.has(cell));
    const stayed = [...this.known].filter(([cell]) => present.has(cell));
    const isReload = gone.length > 0 && stayed.length === 0 && isSameFile(gone, come);
    const fates = fatesOf({
      left: gone.flatMap(([cell, known]) => seenLive(cell, known)),
      come: come.map((cell) => ({ cell, document: this.markOf(cell)?.document ?? "", text: textOf(cell) })),
      stayed: stayed.flatMap(([cell, known]) => seenLive(cell, known)),
      isReload,
    });
    for (const [cell, known] of gone) this.forget(cell, known);
    for (const cell of come) this.meet(cell, fates.get(cell));
    for (const [cell, known] of stayed) this.review(cell, known);
  }

  private meet(cell: SharedCell, fate: Fate | undefined): void {
    const known: Known = { mark: null, key: "", live: null };
    this.known.set(cell, known);
    this.follow(cell);
    if (fate?.kind === "strip") {
      this.strip(cell);
      return;
    }
    this.review(cell, known, fate?.kind === "inherit" ? fate.base : undefined);
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
  private review(cell: SharedCell, known: Known, inherited?: string): void {
    const mark = this.markOf(cell);
    const key = mark ? JSON.stringify([mark.document, mark.type, mark.shared, this.course]) : "";
    if (key === known.key) return;
    known.live?.dispose();
    known.mark = mark;
    known.key = key;
    known.live = mark && this.open(cell, mark, inherited);
    this.editors.set(cell, known.live);
    this.tell.changed();
  }

  private open(cell: SharedCell, mark: Mark, inherited: string | undefined): LiveCell {
    const live = new LiveCell({
      mark,
      course: this.course,
      hub: this.hub,
      store: this.store,
      ...(inherited === undefined ? {} : { inherited }),
      cell: {
        source: cell.ysource,
        quietly: (change) => this.quietly(change),
        clearUndo: () => cell.clearUndoHistory(),
      },
    });
    live.onChange(() => this.tell.changed(), this.life.signal);
    return live;
  }

  /** Others' edits do not make a notebook dirty. JupyterLab before 4.6 says so of all changes. */
  private quietly(change: () => void): void {
    const { model } = this.panel.content;
    const wasDirty = model?.dirty;
    change();
    if (model && wasDirty === false && model.dirty) model.dirty = false;
  }

  private strip(cell: SharedCell): void {
    const name = this.markOf(cell)?.document ?? "";
    cell.transact(() => cell.deleteMetadata(KEY), false);
    this.tell.say(noLongerLive(name));
  }

  private forget(cell: SharedCell, known: Known): void {
    const { metadataChanged } = cell as unknown as { metadataChanged?: Signal };
    metadataChanged?.disconnect(this.onMetadata, this);
    known.live?.dispose();
    this.known.delete(cell);
    this.editors.set(cell, null);
  }

  /** The file keeps what the hub had: whatever else it holds at the next opening was written without the hub. */
  private saving(state: DocumentRegistry.SaveState): void {
    if (state !== "started") return;
    for (const [cell, { live, mark }] of this.known) {
      const { base, aside } = live ?? {};
      if (!mark || base === undefined) continue;
      const { document, type, shared } = mark;
      const kept: Mark = { document, type, shared, base, ...(aside ? { aside: aside.text } : {}) };
      if (!JSONExt.deepEqual({ ...kept }, { ...this.markOf(cell) }))
        cell.transact(() => cell.setMetadata(KEY, { ...kept }), false);
    }
  }

  private markOf(cell: SharedCell): Mark | null {
    try {
      return markIn({ [KEY]: cell.getMetadata(KEY) }, cell.cell_type);
    } catch (error) {
      if (!(error instanceof InvalidMark)) throw error;
      this.tell.say(cannotBeLive(error.message));
      return null;
    }
  }

  private dispose(): void {
    this.life.abort();
    for (const [cell, known] of this.known) this.forget(cell, known);
  }
}

interface Signal {
  connect(listener: (cell: unknown, change: { key?: string }) => void, context: object): void;
  disconnect(listener: (cell: unknown, change: { key?: string }) => void, context: object): void;
}

function textOf(cell: SharedCell): string {
  return cell.ysource.toString();
}

/** A cell with the text that its bridge had last. */
function seenLive(cell: SharedCell, { live, mark }: Known): SeenCell<SharedCell>[] {
  const text = live?.live?.text?.toString();
  return mark && text !== undefined ? [{ cell, document: mark.document, text }] : [];
}

/** A file that is read again brings cells of the ids that were there; whoever moves or joins cells makes others. */
function isSameFile(gone: [SharedCell, Known][], come: SharedCell[]): boolean {
  const ids = new Set(gone.map(([cell]) => cell.getId()));
  return gone.length > 1 || come.some((cell) => ids.has(cell.getId()));
}
