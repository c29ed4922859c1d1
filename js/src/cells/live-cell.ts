// One live cell: finds its document at the hub, exchanges edits with it, and keeps the cell equal to it.

import type * as Y from "yjs";
import { Backoff } from "../live/backoff";
import type { HubText } from "../live/hub-text";
import { Listeners } from "../live/listeners";
import { personIn } from "../live/people";
import { Timer } from "../live/timer";
import { phrase } from "../text/words";
import { advising } from "./advising";
import { CellBridge, type NotTaken } from "./cell-bridge";
import type { LiveCellOptions } from "./cell-text";
import type { Mark } from "./mark";
import type { OpenDocument, Opened } from "./open-document";
import type { FormerCell, User } from "./open-documents";
import { type AsideText, asideOf, bothAside, type Outcome, reconcile } from "./reconcile";
import { NO_TEXT, Refusal } from "./refusal";
import { isOpenToOthers } from "./sharing";
import type { Phase, ShownText } from "./shown-text";
import type { Untold } from "./untold";

/** Whoever was not let in asks again in about so long. */
export const ASKED_AGAIN = 60_000;

const RISKY = 1_000;

export class LiveCell implements ShownText {
  phase: Phase = "opening";
  /** What the hub said last, where it did not open the document. */
  words = "";
  advice = "";
  aside: AsideText | null = null;
  /** Why the last edit was not taken, or not as it was typed. */
  notTaken: NotTaken | "" = "";
  /** Names of others who have changed the text since the user ran it last. */
  readonly changedBy = new Set<string>();

  private hasRun = false;
  private document: OpenDocument | null = null;
  private bridge: CellBridge | null = null;
  /** What the user's text was made of, where that is known. */
  private readonly madeFrom: string | undefined;
  /** What is typed before the document is here. */
  private readonly untold: Untold | null;
  /** What the cell held when it came, without what was undone with it by mistake: later edits of a cell that had gone. */
  readonly textAtFirst: string;
  private readonly localAtFirst: string;
  private readonly former: FormerCell | undefined;
  /** What the cell holds as long as it has no bridge: one that is gone cannot be asked. */
  private held: string;
  private readonly hold = () => {
    if (this.bridge) return;
    this.held = this.options.cell.source.toString();
    if (this.phase !== "refused") this.untold?.typed();
  };
  private readonly life = new AbortController();
  private readonly listeners = new Listeners();
  private readonly random: () => number;
  private readonly backoff: Backoff;
  private readonly timer = new Timer(() => void this.open());

  constructor(private readonly options: LiveCellOptions) {
    const { cell, course, documents, mark, origin } = options;
    this.localAtFirst = cell.source.toString();
    this.held = this.localAtFirst;
    this.former = documents.formerCell(mark, course, this.localAtFirst);
    this.textAtFirst = (origin?.isUndo && this.former?.made) || this.localAtFirst;
    this.madeFrom = this.madeOf();
    this.untold = documents.untoldOf(mark, course, cell.source, this.madeFrom);
    // What was done to cells makes a text that no file has.
    if (origin) this.untold?.typed();
    this.aside = this.asideAtFirst();
    this.random = options.random ?? Math.random;
    this.backoff = new Backoff(this.random, options.now ?? Date.now);
    cell.source.observe(this.hold);
    // What the file does not have is shown before it meets the document.
    const document = this.untold && !this.isKnown ? null : documents.find(mark, course);
    if (document) this.follow(document);
    else void this.open();
  }

  get mark(): Mark {
    return this.options.mark;
  }

  get live(): HubText | null {
    return this.document?.live ?? null;
  }

  get me(): User | null {
    return this.document?.me ?? null;
  }

  get opened(): Opened | null {
    return this.document?.opened ?? null;
  }

  /** What is typed is kept in this browser until the hub has stored it. */
  get isKeeping(): boolean {
    return this.bridge ? this.document?.isKeeping === true : this.untold?.isKeeping === true;
  }

  /** What the hub had last, as far as is known here; undefined when that was nothing yet. */
  get shared(): string | undefined {
    return this.bridge ? this.live?.text?.toString() : undefined;
  }

  get isLive(): boolean {
    return this.live?.isLive === true && this.bridge !== null;
  }

  get isWritable(): boolean {
    return this.live?.isWritable !== false;
  }

  /** Somebody may read only, or nothing can be typed into it at all. */
  get isReadOnly(): boolean {
    return !this.isWritable || this.phase === "awaited";
  }

  /** This page alone has something of the user's, and has had it for more than a moment. */
  get isAtRisk(): boolean {
    const { live } = this;
    return live !== null && live.pendingCount > 0 && live.pendingFor > RISKY && !this.isKeeping;
  }

  /** Teachers get to know how the user's runs of it end: of what is somebody's own, and of nobody who is a teacher. */
  get sharesRuns(): boolean {
    const { mark, sharesRuns } = this.options;
    const isOwn = mark.shared === false && !isOpenToOthers(this.opened?.sharing);
    return isOwn && this.me?.isElevated !== true && sharesRuns?.() === true;
  }

  get repairs(): number {
    return this.bridge?.repairs ?? 0;
  }

  /** What the hub has, as far as is known; undefined when it was never reached and the file does not say. */
  get base(): string | undefined {
    // A document that has just taken the place of another one knows nothing yet.
    return this.bridge && this.live?.isSynced ? this.live.stored : this.agreed;
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** The page was asleep or offline, or the user wants it now. */
  wake(): void {
    if (this.live) this.live.wake();
    else if (this.timer.isWaiting) this.timer.start(0);
  }

  /** The user runs the cell. */
  ran(): void {
    this.hasRun = true;
    this.changedBy.clear();
    this.changed();
  }

  /** Nobody composes any more: show what has waited. */
  release(): void {
    this.bridge?.release();
  }

  flush(): void {
    this.untold?.keepNow();
    this.document?.flush();
  }

  /** The notebook is being saved. */
  noteSaved(): void {
    if (this.bridge) this.document?.noteSaved(this.options.cell.source.toString());
    else this.untold?.saved();
  }

  /** Make the user's own text the shared one. */
  useMine(): void {
    const { aside } = this;
    if (!aside || !this.bridge) return;
    this.aside = aside.earlier ?? null;
    this.bridge.replace(aside.text);
    void this.document?.keepNow().then(() => this.decided());
    this.changed();
  }

  keepTheirs(): void {
    this.aside = this.aside?.earlier ?? null;
    this.decided();
    this.changed();
  }

  /** What the browser keeps may be the text that waits behind. */
  private decided(): void {
    if (!this.aside) void this.untold?.forget();
  }

  setAside(aside: AsideText): void {
    this.aside = bothAside(this.aside, aside);
    this.changed();
  }

  /**
   * `isUndone` when undoing something has taken the cell away: then only what that had made comes back with it.
   * `isUnmarked` when the cell stays, and its text is its own.
   */
  dispose({ isUndone = false, isUnmarked = false } = {}): void {
    if (this.life.signal.aborted) return;
    if (isUnmarked) void this.untold?.drop();
    else this.untold?.leave();
    const { course, documents, mark } = this.options;
    const { agreed, aside, held, shared } = this;
    const text = shared ?? held;
    const base = shared ?? agreed;
    documents.remember(mark, course, { text, base, aside, made: isUndone ? this.textAtFirst : text });
    this.options.cell.source.unobserve(this.hold);
    this.life.abort();
    this.timer.cancel();
    this.bridge?.dispose();
    this.document?.release();
  }

  /** The page knows better than the mark what the text was made of, which was written when the notebook was saved. */
  private get agreed(): string | undefined {
    return this.untold ? this.untold.base : this.madeFrom;
  }

  private get isKnown(): boolean {
    const { isPasted, origin } = this.options;
    return origin !== undefined || this.former !== undefined || isPasted === true;
  }

  private madeOf(): string | undefined {
    const { mark, origin } = this.options;
    if (origin) return origin.base;
    return this.isKnown ? this.former?.base : mark.base;
  }

  /** A version that could not be merged goes with the cell, until its author decides. */
  private asideAtFirst(): AsideText | null {
    const { course, documents, mark } = this.options;
    const remembered = documents.takeAside(mark, course);
    return remembered || this.isKnown || mark.aside === undefined ? remembered : asideOf(mark.aside);
  }

  private async open(): Promise<void> {
    const { cell, course, documents, mark } = this.options;
    try {
      if (await this.untold?.restore()) cell.unsaved?.();
      const document =
        documents.find(mark, course) ?? (await documents.take(mark, course, cell.source.toString()));
      if (this.life.signal.aborted) document.release();
      else this.follow(document);
    } catch (error) {
      this.failed(error);
    }
    this.changed();
  }

  private failed(error: unknown): void {
    if (this.life.signal.aborted) return;
    const refusal = error instanceof Refusal ? error : null;
    this.words = error instanceof Error ? error.message : String(error);
    if (refusal?.code === "NOT_OPENED_YET") this.phase = "awaited";
    else this.phase = refusal && !refusal.isPassing ? "refused" : "unreachable";
    if (this.phase === "unreachable") void this.untold?.prepare().then(() => this.changed());
    if (this.phase !== "refused") this.timer.start(this.backoff.nextDelay(refusal === null));
    else this.advise(refusal?.status ?? 0, refusal?.code);
    // Staff may let them in at any time, and a page that follows nothing is not told.
    if (this.phase === "refused" && refusal?.isOfAccess)
      this.timer.start(ASKED_AGAIN * (0.5 + this.random()));
  }

  private advise(status: number, code?: string): void {
    advising(({ adviceFor }) => {
      this.advice = adviceFor(status, this.mark.document, !this.bridge && !this.isReadOnly, code);
      this.changed();
    });
  }

  private follow(document: OpenDocument): void {
    this.document = document;
    this.phase = "open";
    this.words = this.advice = "";
    document.live.onReady(() => this.meet(document), this.life.signal);
    document.onChange(() => {
      if (document.live.isUnfit) this.advise(NO_TEXT);
      else if (!document.live.isReadable) this.advise(404);
      this.changed();
    }, this.life.signal);
    if (document.live.isSynced) this.meet(document);
  }

  /** The hub's text is here, for the first time or in a new document. */
  private meet(document: OpenDocument): void {
    const { cell } = this.options;
    const { live } = document;
    const shared = live.text;
    if (!shared) {
      this.phase = "refused";
      this.words = phrase("this document holds no text");
      this.advise(NO_TEXT);
      return;
    }
    [this.phase, this.words, this.advice] = ["open", "", ""];
    const isFirst = this.bridge === null;
    this.bridge?.dispose();
    const { held, ...outcome } = this.met(document, shared, isFirst);
    const { aside, push } = outcome;
    // Before the cell is made equal to it: what the user has just typed stays where it is, and their caret with it.
    if (push !== undefined) this.pushInto(document, shared, push, isFirst);
    this.bridge = this.bridgeTo(document, shared);
    // What was undone is nothing that anybody could lose.
    if (!isFirst || !this.options.origin?.isUndo) this.aside = bothAside(this.aside, aside);
    this.aside = bothAside(this.aside, document.takeAside());
    if (isFirst) void this.untold?.met(document, this, outcome);
    if (isFirst && !this.isKnown && held !== cell.source.toString()) cell.clearUndo();
    this.changed();
  }

  /** What the cell held, what of it the hub's text lacks, and what has to be kept beside it. */
  private met(document: OpenDocument, shared: Y.Text, isFirst: boolean): { held: string } & Outcome {
    const { live } = document;
    const held = this.options.cell.source.toString();
    const { base: from, isUndo = false } = this.options.origin ?? {};
    const isAsCame = held === this.localAtFirst;
    if (isFirst && isUndo && document.takeBack(shared, from ?? "", this.textAtFirst)) {
      // What is left is what was typed since the cell came.
      const { isWritable } = live;
      const rest = { local: held, base: this.localAtFirst, shared: shared.toString(), isWritable };
      return { held, ...(isAsCame ? {} : reconcile({ ...rest, isTypedHere: true })) };
    }
    const local = isFirst && isAsCame ? this.textAtFirst : held;
    const base = isFirst ? this.baseFor(document, shared.toString()) : (live.replaced ?? undefined);
    const isTypedHere = isFirst && this.isKnown && !isUndo;
    return {
      held,
      ...reconcile({ local, shared: shared.toString(), base, isWritable: live.isWritable, isTypedHere }),
    };
  }

  /** The cell has come by what was done to another one: undoing that will take back what it does to the text. */
  private get isDone(): boolean {
    return this.options.origin?.isUndo === false;
  }

  private pushInto(document: OpenDocument, shared: Y.Text, push: string, isFirst: boolean): void {
    if (isFirst && this.isDone)
      document.operate(shared, this.options.origin?.base ?? "", this.textAtFirst, push);
    else document.write(shared, push);
  }

  private bridgeTo(document: OpenDocument, shared: Y.Text): CellBridge {
    const { cell } = this.options;
    return new CellBridge({
      cell: cell.source,
      shared,
      isWritable: () => document.live.isWritable,
      quietly: (change) => cell.quietly(change),
      isDisturbing: (changes) => cell.isDisturbing?.(changes) === true,
      ...(cell.remake ? { remake: () => cell.remake?.() } : {}),
      notTaken: (why) => {
        this.notTaken = why;
        this.changed();
      },
      onEdit: () => {
        this.notTaken = "";
        document.keepSoon();
      },
      onRemote: (transaction) => this.noteChange(document.live, transaction),
    });
  }

  private noteChange({ awareness }: HubText, { beforeState, afterState }: Y.Transaction): void {
    if (!this.hasRun) return;
    // Of what was deleted nobody is known; then it is somebody.
    const clients = [...afterState].filter(([client, clock]) => clock > (beforeState.get(client) ?? 0));
    const states = clients.map(([client]) =>
      personIn(client, awareness.getStates().get(client) ?? {}, this.me?.id),
    );
    const others = states.filter(({ isMe }) => !isMe).map(({ name }) => name);
    for (const name of states.length ? others : ["Somebody"]) this.changedBy.add(name);
    this.changed();
  }

  /** What the user's text was made of: what the hub had when the file was saved, or what it has still. */
  private baseFor(document: OpenDocument, shared: string): string | undefined {
    const local = this.options.cell.source.toString();
    // The file was saved while that was being typed: an earlier state of it must not be merged in once more.
    const saved = this.isKnown ? [] : (this.untold?.files ?? []);
    const stored = [local, ...[...saved].reverse()].find((text) => document.isStored(text));
    if (stored !== undefined) return stored;
    return this.agreed ?? [this.textAtFirst, ...saved].find((text) => text === shared);
  }

  private changed(): void {
    this.listeners.tell();
  }
}
