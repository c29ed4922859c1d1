// A document of the hub as this page follows it: one for all cells that show it, also while one cell takes the place of
// another. What the hub has not stored is kept in the browser, and the document is followed until it has.
import type * as Y from "yjs";
import type { HubLine } from "../live/hub-line";
import { HubText, type Me } from "../live/hub-text";
import { Listeners } from "../live/listeners";
import { Timer } from "../live/timer";
import { differences } from "../text/merge";
import { makeChanges } from "./cell-bridge";
import { CellOperations } from "./cell-operations";
import { type AsideText, bothAside, reconcile } from "./reconcile";
import type { EditStore } from "./unsent-store";

/** What the hub says of a document that was opened. */
export interface Opened {
  id: string;
  documentRootId?: string;
  revision?: number;
  data?: unknown;
  sharing?: { sharedAccess: string; isConfirmed: boolean; isElsewhere?: boolean; keptPrivate?: number };
}

/** The user at the hub. */
export interface User extends Me {
  /** A teacher or an admin. */
  isElevated?: boolean;
}

export type Left = Awaited<ReturnType<EditStore["left"]>>[number];

export interface OpenDocumentOptions {
  opened: Opened;
  me: User;
  line: HubLine;
  /** Key of the shared text in the document's data. */
  key: string;
  store: EditStore | null;
  /** Edits that earlier pages have left. */
  left: Left[];
  /** Nobody shows it, and the hub has everything. */
  onDone: () => void;
  now?: () => number;
}

const KEEP_AFTER = 300;
/** So long a document that no cell shows is followed all the same: a cell that is cut or deleted is often back soon. */
const LINGER = 10_000;

export class OpenDocument {
  readonly live: HubText;
  /** What is typed is kept in this browser until the hub has stored it. */
  isKeeping = false;
  /** The browser holds an entry of this page. */
  private isStoring = false;
  /** Texts of earlier pages that are in the shared one. */
  private readonly known: string[] = [];
  /** A text of an earlier page that could not be merged; one cell shows it. */
  private aside: AsideText | null = null;
  /** What the file holds, where it was saved before the hub had all of it. */
  private saved: string | null = null;
  private users = 0;
  private isOpen = false;
  private readonly lingering = new Timer(() => this.closeIfDone());
  private keepTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly life = new AbortController();
  private readonly listeners = new Listeners();
  private readonly operations = new CellOperations();

  constructor(private readonly options: OpenDocumentOptions) {
    const { key, line, me, now, opened } = options;
    this.live = new HubText({ line, document: opened.id, key, me, ...(now ? { now } : {}) });
    this.live.onReady(() => this.takeLeft(), this.life.signal);
    this.live.onChange(() => this.changed(), this.life.signal);
  }

  get me(): User {
    return this.options.me;
  }

  get opened(): Opened {
    return this.options.opened;
  }

  /** `listener` is called when saving or people may have changed. */
  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** Whether everything in a text of the user's has come to the hub by now. */
  isStored(text: string): boolean {
    return text === this.saved || this.known.some((known) => isWithin(text, known));
  }

  /** The notebook is saved with this text; what of it the hub has not stored yet will be no news to it. */
  noteSaved(text: string): void {
    this.saved = this.live.pendingCount ? text : null;
    void this.keepNow();
  }

  /** A cell shows it, until `release`. */
  use(): this {
    this.users += 1;
    this.lingering.cancel();
    if (this.users === 1) this.live.open();
    this.isOpen = true;
    return this;
  }

  release(): void {
    void this.keepNow();
    this.users -= 1;
    // The cell that takes the place of another comes right after it.
    queueMicrotask(() => this.linger());
  }

  /** Something that was done to its cell changes the text: the cell held `before`, and now another one `after`. */
  operate(text: Y.Text, before: string, after: string, wanted: string): void {
    const changes = differences(text.toString(), wanted);
    this.operations.perform(text, before, after, (origin) => makeChanges(text, changes, origin));
    this.keepSoon();
  }

  /** Make a text of the user's the shared one; what both have stays as it is, and its authors with it. */
  write(text: Y.Text, wanted: string): void {
    makeChanges(text, differences(text.toString(), wanted), this);
    this.keepSoon();
  }

  /** Undo, or redo, what was done to its cell; false when that is not what was done last. */
  takeBack(text: Y.Text, from: string, to: string): boolean {
    const isTaken = this.live.isWritable && this.operations.takeBack(text, from, to);
    if (isTaken) this.keepSoon();
    return isTaken;
  }

  takeAside(): AsideText | null {
    const { live } = this;
    const unmerged: AsideText | null =
      live.unmerged === null ? null : { text: live.unmerged, why: "conflict" };
    const aside = bothAside(this.aside, unmerged);
    this.aside = live.unmerged = null;
    return aside;
  }

  flush(): void {
    void this.keepNow();
    void this.live.flush();
  }

  keepSoon(): void {
    this.keepTimer ??= setTimeout(() => void this.keepNow(), KEEP_AFTER);
  }

  private linger(): void {
    if (this.users || !this.isOpen) return;
    this.lingering.start(LINGER);
    this.live.hide();
  }

  private closeIfDone(): void {
    if (this.users || !this.isOpen || this.lingering.isWaiting || this.live.pendingCount) return;
    this.isOpen = false;
    this.life.abort();
    void this.keepNow();
    clearTimeout(this.keepTimer);
    this.live.close();
    this.options.onDone();
  }

  private changed(): void {
    if (this.isKeeping && this.live.pendingCount === 0) this.keepSoon();
    this.listeners.tell();
    this.closeIfDone();
  }

  /** Take over edits that other pages have left. */
  private takeLeft(): void {
    for (const [edits, forget] of this.options.left.splice(0)) {
      this.saved = edits.saved ?? this.saved;
      if (edits.update) {
        if (!this.live.adopt(edits.update) && !this.takeText(edits)) continue;
        this.known.push(edits.local);
      }
      // Only when the hub has them, this page's own entry stands for them.
      void this.keepNow();
      void forget();
    }
  }

  /** The edits were made in a document that the hub has no more: their text is merged; false when that is impossible. */
  private takeText({ base, local }: Left[0]): boolean {
    const { text } = this.live;
    const shared = text?.toString() ?? "";
    const { push } = reconcile({ base, local, shared, isWritable: this.live.isWritable });
    if (push === undefined || !text) {
      this.aside = bothAside(this.aside, { text: local, why: "conflict" });
      return false;
    }
    this.write(text, push);
    return true;
  }

  /** Keep what the hub has not stored, now; resolves when it is kept, or cannot be. */
  async keepNow(): Promise<void> {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    const { live } = this;
    const { me, opened, store } = this.options;
    if (!store) return;
    const update = live.unsent;
    const saved = this.saved === null ? {} : { saved: this.saved };
    const edits = { update, base: live.stored, local: live.text?.toString() ?? "", ...saved };
    const isWorthIt = update !== null || this.saved !== null;
    if (!isWorthIt && !this.isStoring) return;
    this.isKeeping = update !== null;
    this.isStoring = isWorthIt;
    await store.keep(opened.id, me.id, isWorthIt ? edits : null).catch((error: unknown) => {
      this.isKeeping = false;
      console.info("teaching_nb: unsent edits cannot be kept in this browser", error);
    });
  }
}

/** Whether all characters of a text are in another one, in their order. */
function isWithin(text: string, whole: string): boolean {
  let found = 0;
  for (const character of whole) if (text.startsWith(character, found)) found += character.length;
  return found === text.length;
}
