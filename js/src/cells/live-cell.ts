// One live cell: finds its document at the hub, exchanges edits with it, and keeps the cell equal to it.
import type * as Y from "yjs";
import { Backoff } from "../live/backoff";
import type { HubLine } from "../live/hub-line";
import { HubText, type Me } from "../live/hub-text";
import { Listeners } from "../live/listeners";
import { personIn } from "../live/people";
import { CellBridge, type NotTaken } from "./cell-bridge";
import type { ListedVersion } from "./hub-past";
import { type Mark, TEXT_KEYS, type WantedMain, wantedMain } from "./mark";
import { type Outcome, reconcile } from "./reconcile";
import type { EditStore } from "./unsent-store";

/** What the hub says of a document that was opened. */
export interface Opened {
  id: string;
  sharing?: { sharedAccess: string; isConfirmed: boolean; isElsewhere?: boolean; keptPrivate?: number };
}

/** The hub has answered, and does not open the document. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code = "",
  ) {
    super(message);
  }

  /** Asking again later may help without anybody's doing. */
  get isPassing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** The user at the hub. */
export interface User extends Me {
  /** A teacher or an admin. */
  isElevated?: boolean;
}

/** What of the hub's REST is used. Rejects with `Refusal`, and with other errors when nobody answers. */
export interface Hub {
  line: HubLine;
  me(): Promise<User>;
  openMain(wanted: WantedMain): Promise<Opened>;
  /** Versions of a document, newest first. */
  versions(document: string): Promise<ListedVersion[]>;
  /** The data of one version. */
  version(document: string, number: number): Promise<unknown>;
  restore(document: string, number: number): Promise<void>;
}

/** The cell in its notebook. */
export interface CellText {
  source: Y.Text;
  /** Change the cell without making the notebook dirty. */
  quietly(change: () => void): void;
  /** What was typed before belongs to another text. */
  clearUndo(): void;
}

/** How it stands with a cell that is not connected to its document. */
export type Phase = "opening" | "unreachable" | "awaited" | "refused" | "open";

/** A text of the user's that is not in the shared one. */
export type Aside = NonNullable<Outcome["aside"]>;

export interface LiveCellOptions {
  mark: Mark;
  course: string;
  cell: CellText;
  hub: Hub;
  store: EditStore | null;
  /** The difference of the cell's text to this one is the user's own edit. */
  inherited?: string;
  now?: () => number;
  random?: () => number;
}

const KEEP_AFTER = 300;
const RISKY = 1_000;

export class LiveCell {
  phase: Phase = "opening";
  /** What the hub said last, where it did not open the document. */
  words = "";
  aside: Aside | null = null;
  /** Why the last edit was not taken, or not as it was typed. */
  notTaken: NotTaken | "" = "";
  live: HubText | null = null;
  me: User | null = null;
  opened: Opened | null = null;
  /** Names of others who have changed the text since the user ran it last. */
  readonly changedBy = new Set<string>();
  /** What is typed is kept in this browser until the hub has stored it. */
  isKeeping = false;

  private hasRun = false;
  private bridge: CellBridge | null = null;
  private bridgedText: Y.Text | null = null;
  /** What cell and hub had in common last. */
  private agreed: string | undefined;
  private readonly textAtFirst: string;
  private readonly life = new AbortController();
  private readonly listeners = new Listeners();
  private readonly backoff: Backoff;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LiveCellOptions) {
    this.textAtFirst = options.cell.source.toString();
    this.agreed = options.inherited ?? options.mark.base;
    const { aside } = options.mark;
    if (aside !== undefined) this.aside = { text: aside, why: "conflict" };
    this.backoff = new Backoff(options.random ?? Math.random, options.now ?? Date.now);
    void this.open();
  }

  get mark(): Mark {
    return this.options.mark;
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

  get repairs(): number {
    return this.bridge?.repairs ?? 0;
  }

  /** What the hub has, as far as is known; undefined when it was never reached and the file does not say. */
  get base(): string | undefined {
    return this.bridge && this.live ? this.live.stored : this.agreed;
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** The page was asleep or offline, or the user wants it now. */
  wake(): void {
    if (this.live) this.live.wake();
    else if (this.retryTimer !== undefined) this.retryIn(0);
  }

  /** The user runs the cell. */
  ran(): void {
    this.hasRun = true;
    this.changedBy.clear();
    this.changed();
  }

  flush(): void {
    this.keepNow();
    void this.live?.flush();
  }

  /** Make the user's own text the shared one. */
  useMine(): void {
    const { aside } = this;
    if (!aside || !this.bridge) return;
    this.aside = null;
    this.bridge.replace(aside.text);
    this.changed();
  }

  keepTheirs(): void {
    this.aside = null;
    this.changed();
  }

  dispose(): void {
    if (this.life.signal.aborted) return;
    this.keepNow();
    this.life.abort();
    clearTimeout(this.retryTimer);
    clearTimeout(this.keepTimer);
    this.bridge?.dispose();
    this.live?.close();
  }

  private async open(): Promise<void> {
    const { course, hub, mark } = this.options;
    try {
      this.me = await hub.me();
      // The text that a document gets that does not exist yet.
      const init = this.options.cell.source.toString();
      this.opened = await hub.openMain(wantedMain(mark, course, init));
      if (!this.life.signal.aborted) await this.follow(this.opened.id, this.me);
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
    if (this.phase !== "refused") this.retryIn(this.backoff.nextDelay(refusal === null));
  }

  private retryIn(milliseconds: number): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      void this.open();
    }, milliseconds);
  }

  private async follow(document: string, me: Me): Promise<void> {
    const { hub, mark, now } = this.options;
    const key = TEXT_KEYS[mark.type];
    const live = new HubText({ line: hub.line, document, key, me, ...(now ? { now } : {}) });
    const left = await this.leftEdits(document, me.id);
    if (this.life.signal.aborted) {
      live.close();
      return;
    }
    this.live = live;
    this.phase = "open";
    this.words = "";
    live.onReady(() => this.meet(left.splice(0)), this.life.signal);
    live.onChange(() => this.changed(), this.life.signal);
    live.open();
  }

  /** The hub's text is here, for the first time or in a new document. */
  private meet(left: Left[]): void {
    const { cell } = this.options;
    const { live } = this;
    const shared = live?.text;
    if (!live || !shared) {
      this.phase = "refused";
      this.words = "This document holds no text.";
      return;
    }
    this.bridge?.dispose();
    const local = cell.source.toString();
    const known = this.takeLeft(left);
    const hubs = shared.toString();
    const base = live.replaced ?? (known.includes(local) ? local : this.baseFor(hubs));
    if (live.unmerged !== null) this.aside = { text: live.unmerged, why: "conflict" };
    live.replaced = live.unmerged = null;
    const isFirst = this.bridgedText === null;
    const { push, aside } = reconcile({ local, shared: hubs, base, isWritable: live.isWritable });
    this.aside = aside ?? this.aside;
    this.bridgedText = shared;
    this.bridge = new CellBridge({
      cell: cell.source,
      shared,
      isWritable: () => live.isWritable,
      quietly: (change) => cell.quietly(change),
      notTaken: (why) => {
        this.notTaken = why;
        this.changed();
      },
      onEdit: () => {
        this.notTaken = "";
        this.keepSoon();
      },
      onRemote: (transaction) => this.noteChange(live, transaction),
    });
    if (push !== undefined) this.bridge.replace(push);
    if (isFirst && local !== cell.source.toString()) cell.clearUndo();
    this.changed();
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
  private baseFor(shared: string): string | undefined {
    return this.agreed ?? (this.textAtFirst === shared ? shared : undefined);
  }

  /** Take over edits that other pages have left; returns the texts that are in the shared one now. */
  private takeLeft(left: Left[]): string[] {
    const known: string[] = [];
    for (const [edits, forget] of left) {
      if (!this.live?.adopt(edits.update)) {
        const { text } = this.live ?? {};
        const shared = text?.toString() ?? "";
        const { push } = reconcile({ ...edits, shared, isWritable: this.isWritable });
        if (push === undefined || !text) {
          this.aside = { text: edits.local, why: "conflict" };
          continue;
        }
        text.doc?.transact(() => {
          text.delete(0, text.length);
          text.insert(0, push);
        }, "kept");
      }
      known.push(edits.local);
      // Only when the hub has them, this page's own entry stands for them.
      this.keepNow();
      void forget();
    }
    return known;
  }

  private async leftEdits(document: string, user: string): Promise<Left[]> {
    try {
      return (await this.options.store?.left(document, user)) ?? [];
    } catch (error) {
      console.info("teaching_nb: edits of earlier pages cannot be read", error);
      return [];
    }
  }

  private keepSoon(): void {
    this.keepTimer ??= setTimeout(() => this.keepNow(), KEEP_AFTER);
  }

  private keepNow(): void {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    const { live, me, opened } = this;
    if (!live || !me || !opened || !this.options.store) return;
    const update = live.unsent;
    if (!update && !this.isKeeping) return;
    const local = live.text?.toString() ?? "";
    const edits = update ? { update, base: live.stored, local } : null;
    this.isKeeping = edits !== null;
    this.options.store.keep(opened.id, me.id, edits).catch((error: unknown) => {
      this.isKeeping = false;
      console.info("teaching_nb: unsent edits cannot be kept in this browser", error);
    });
  }

  private changed(): void {
    if (this.isKeeping && this.live?.pendingCount === 0) this.keepSoon();
    this.listeners.tell();
  }
}

type Left = Awaited<ReturnType<EditStore["left"]>>[number];
