// One live text that this page exchanges with the hub itself; no kernel takes part. A text with a kernel is live-text.ts.
//
// The Y.Doc begins empty, and the hub's answer fills it. When the hub has other edits under the names of ours, they can
// never be stored in this document: then a new one takes its place, and what nobody has stored is carried over.
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { sizeAround } from "../text/document-size";
import { carry, type Unsent } from "./carrying";
import type { HubLine } from "./hub-line";
import { Lane, type LaneHost } from "./lane";
import { Listeners } from "./listeners";
import { OwnAwareness } from "./own-awareness";
import { PendingEdits } from "./pending-edits";
import { type Person, peopleIn } from "./people";
import { carryOver, clashes, textIn } from "./shared-text";

/** Origin of what came from the hub; everything else is the user's. */
export const REMOTE = "remote";
/** The hub's status for what it cannot do whoever asks. */
const UNFIT = 400;
/** Origin of the user's own edits that come from another document or page. */
const KEPT = "kept";

export interface Me {
  id: string;
  name: string;
}

export interface HubTextOptions {
  line: HubLine;
  /** UUID of the document. */
  document: string;
  /** Key of the shared text in the document's data. */
  key: string;
  me: Me;
  now?: () => number;
}

export class HubText {
  doc = new Y.Doc();
  /** The hub's text is here. */
  isSynced = false;
  /** Why the hub was left last; empty while edits go to it. */
  trouble = "";
  /** The hub cannot make a text of what the document holds: another program has stored it. */
  isUnfit = false;
  /** Of the document that was replaced last: its text, whose edits are in the new one. */
  replaced: string | null = null;
  /** … but for this version of the user's, which could not be merged. */
  unmerged: string | null = null;

  private epoch = 0;
  private isReplacing = false;
  private isClosed = false;
  /** A document that is being replaced, with what nobody has stored of it. */
  private left: { doc: Y.Doc; unsent: Unsent | null } | null = null;
  private readonly pending = new PendingEdits();
  private readonly lane: Lane;
  private own: OwnAwareness;
  private readonly readyListeners = new Listeners();
  private readonly changeListeners = new Listeners();
  private readonly now: () => number;

  constructor(private readonly options: HubTextOptions) {
    this.now = options.now ?? Date.now;
    this.pending.startAnew(this.epoch);
    this.own = this.listenToDoc();
    this.lane = new Lane(options.line, this.host(), this.now);
  }

  /** The shared text; null before the hub has answered, or when the document has none. */
  get text(): Y.Text | null {
    return textIn(this.doc, this.options.key);
  }

  get awareness(): Awareness {
    return this.own.awareness;
  }

  /** Edits go to the hub, and those of others come from it. */
  get isLive(): boolean {
    return this.lane.isLive;
  }

  /** Whether the hub takes edits of this person, as far as is known. */
  get isWritable(): boolean {
    return this.lane.isWritable;
  }

  /** Whether the hub shows the document to this person, as far as is known. */
  get isReadable(): boolean {
    return this.lane.isReadable;
  }

  /** The hub does not take what was typed here. */
  get isRefused(): boolean {
    return !this.isWritable && this.pending.size > 0;
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  get pendingFor(): number {
    return this.pending.age(this.now());
  }

  get people(): Person[] {
    return peopleIn(this.awareness.getStates(), this.options.me.id);
  }

  /** Bytes of the document's data as JSON, without those of the text. */
  get sizeAround(): number {
    return sizeAround(this.doc, this.options.key);
  }

  /** What the hub is known to have; the text when there is nothing else. */
  get stored(): string {
    return this.pending.confirmedText(this.options.key);
  }

  /** Edits that nobody has stored, as one update; null when there are none. */
  get unsent(): Uint8Array | null {
    const edits = this.pending.present().map(({ update }) => update);
    return edits.length ? Y.mergeUpdates(edits) : null;
  }

  /** `listener` is called when the hub's text is here, and again when another Y.Doc has taken the place of the first. */
  onReady(listener: () => void, signal: AbortSignal): void {
    this.readyListeners.add(listener, signal);
  }

  /** `listener` is called when saving or people may have changed. */
  onChange(listener: () => void, signal: AbortSignal): void {
    this.changeListeners.add(listener, signal);
  }

  open(): void {
    this.own.present();
    this.lane.consider();
  }

  /** Nobody looks at it here, until `open`; what others type goes on coming. */
  hide(): void {
    this.own.remove();
  }

  /** Take over edits of an earlier page; false when they belong to another document, and nothing was changed. */
  adopt(update: Uint8Array): boolean {
    const trial = new Y.Doc();
    Y.applyUpdate(trial, Y.encodeStateAsUpdate(this.doc));
    Y.applyUpdate(trial, update);
    const { pendingStructs, pendingDs } = trial.store;
    trial.destroy();
    if (pendingStructs || pendingDs) return false;
    Y.applyUpdate(this.doc, update, KEPT);
    return true;
  }

  /** The page was asleep, hidden or offline: find out at once what happened meanwhile. */
  wake(): void {
    this.lane.wake();
  }

  /** The page may go away. */
  flush(): Promise<void> {
    return this.lane.flush();
  }

  /** Give up what the hub has not stored: the text is again as it is there. */
  discard(): void {
    const { confirmedDocument } = this.pending;
    const { isSynced } = this;
    this.pending.clear();
    this.left = null;
    this.replaceDoc();
    // Also while the hub is away, or shows nothing any more.
    Y.applyUpdate(this.doc, confirmedDocument, REMOTE);
    this.pending.applyRemote(confirmedDocument);
    this.isSynced = isSynced;
    this.readyListeners.tell();
    this.changed();
  }

  stepAside(): void {
    this.own.stepAside();
  }

  close(): void {
    this.own.remove();
    this.isClosed = true;
    this.lane.stop();
    this.own.destroy();
  }

  private host(): LaneHost {
    const live = this;
    const { document, me } = this.options;
    return {
      get doc() {
        return live.doc;
      },
      isOnlyRoad: true,
      facts: () => ({
        offer: { document, epoch: this.epoch, user: me.id },
        saveState: "saved",
        hasUnsaved: false,
        isOpen: true,
        isSynced: true,
        epoch: this.epoch,
        isResetting: this.isReplacing,
        isClosed: this.isClosed && !this.pending.size,
      }),
      unacknowledged: () => this.pending.present(),
      acknowledge: (seq) => {
        this.pending.confirmUpTo(seq);
        this.changed();
      },
      applyRemote: (update) => {
        Y.applyUpdate(this.doc, update, REMOTE);
        this.pending.applyRemote(update);
      },
      applyAwareness: (state) => this.own.take(state),
      onAccess: () => {
        this.isUnfit = false;
        this.changed();
      },
      onNamesTaken: () => this.replaceDoc(),
      onLineUp: () => {},
      onSwitch: (isLive) => this.switched(isLive),
      onFail: (reason, status) => {
        this.trouble = reason;
        const wasUnfit = this.isUnfit;
        this.isUnfit = status === UNFIT && !this.isSynced;
        if (this.isUnfit || wasUnfit) this.changed();
      },
    };
  }

  private switched(isLive: boolean): void {
    if (isLive) {
      this.trouble = "";
      const isNew = !this.isSynced;
      this.isSynced = true;
      this.carryOver();
      if (isNew) this.readyListeners.tell();
      // What was said of us on a road that has ended may arrive late: this is newer by two steps.
      this.own.present();
      this.own.present();
    }
    this.changed();
  }

  private replaceDoc(): void {
    if (!this.left) this.replaced = this.text?.toString() ?? "";
    this.left ??= {
      doc: this.doc,
      unsent: this.pending.takeUnsent(this.pending.seq, Number.POSITIVE_INFINITY),
    };
    this.isReplacing = true;
    this.lane.consider();
    this.own.remove();
    const oldAwareness = this.own;
    this.doc = new Y.Doc();
    this.epoch += 1;
    this.isSynced = false;
    this.pending.startAnew(this.epoch);
    this.own = this.listenToDoc();
    oldAwareness.destroy();
    this.isReplacing = false;
    this.lane.consider();
    this.changed();
  }

  /** Bring into the new document what nobody has stored of the old one. */
  private carryOver(): void {
    const { left, text } = this;
    this.left = null;
    if (!left || !text) return;
    const { key } = this.options;
    const news = Y.encodeStateAsUpdate(this.doc);
    const { kept, change } = (left.unsent && carry(left.unsent, left.doc, news, key, true)) ?? {};
    if (kept) Y.applyUpdate(this.doc, kept, KEPT);
    else if (change && clashes(...change, news, key)) [, this.unmerged] = change;
    else if (change) carryOver(text, ...change);
    left.doc.destroy();
  }

  private listenToDoc(): OwnAwareness {
    const { doc } = this;
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin === REMOTE || doc !== this.doc) return;
      this.pending.add(update, this.now());
      this.lane.pump();
      this.changed();
    });
    return new OwnAwareness(doc, {
      me: () => this.options.me,
      tell: (state) => this.lane.isLive && this.lane.sendAwareness(state),
      isShown: () => !this.isClosed && doc === this.doc,
      changed: () => this.changed(),
    });
  }

  private changed(): void {
    this.changeListeners.tell();
  }
}
