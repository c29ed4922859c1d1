// One live text on this page: its Y.Doc, what nobody else has taken yet, and everybody's cursors.
//
// All views of a widget share it. Edits take the direct lane to the hub while there is one (lane.ts), else the road
// through the kernel (comm-road.ts). When a road ends, a sync request with our state vector brings both together.
// When the kernel replaces the document (`epoch` changes), a new Y.Doc takes its place and edits that were on the way
// are carried over.
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { sizeAround } from "../text/document-size";
import { carry } from "./carrying";
import { type Answer, type CommHost, CommRoad } from "./comm-road";
import { Lane, type LaneHost, lacks } from "./lane";
import { NO_OFFER } from "./lane-state";
import { Listeners } from "./listeners";
import type { KernelFacts, LiveTextOptions } from "./live-text-options";
import { OwnAwareness } from "./own-awareness";
import { OwnedDocument } from "./owned-document";
import { PendingEdits } from "./pending-edits";
import { PendingReports } from "./pending-reports";
import { type Person, peopleIn } from "./people";
import { ReconnectHints } from "./reconnect-hints";
import { carryOver, clashes, textIn } from "./shared-text";

/** Origin of what came from the kernel or the hub; everything else is the user's. */
export const REMOTE = "remote";
/** Origin of edits that were made in an earlier document, or widget, of this page. */
const KEPT = "kept";

const RISKY = 1_000;

export class LiveText {
  doc = new Y.Doc();
  epoch = -1;
  isSynced = false;

  private readonly pending = new PendingEdits();
  private isResetting = false;
  /** The newest edit before the kernel said that its document is another: later ones wait for that document. */
  private lastSent = Number.POSITIVE_INFINITY;
  /** The hub has refused names of this document. */
  private isRefused = false;
  private isOpen = false;
  /** The lane has ended, and what the kernel knows is not known yet: edits that it may not understand wait. */
  private isHolding = false;
  private readonly owned = new OwnedDocument();
  private readonly comm: CommRoad;
  private readonly lane: Lane | null;
  private readonly reports: PendingReports;
  private readonly hints: ReconnectHints;
  private own: OwnAwareness;
  private readonly resetListeners = new Listeners();
  private readonly changeListeners = new Listeners();
  private readonly now: () => number;

  constructor(private readonly options: LiveTextOptions) {
    this.now = options.now ?? Date.now;
    this.comm = new CommRoad(options.channel, this.commHost(), this.now);
    this.lane = options.line ? new Lane(options.line, this.laneHost(), this.now) : null;
    this.reports = this.pendingReports();
    this.hints = new ReconnectHints(options.channel, () => this.kernel.saveState === "offline");
    this.own = this.listenToDoc();
    options.signal.addEventListener("abort", () => this.stop());
  }

  /** The shared text; null before the first sync, or when the document has none. */
  get text(): Y.Text | null {
    return textIn(this.doc, this.options.key);
  }

  /** Bytes of the document's data as JSON, without those of the text. */
  get sizeAround(): number {
    return sizeAround(this.doc, this.options.key);
  }

  get awareness(): Awareness {
    return this.own.awareness;
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  get pendingFor(): number {
    return this.pending.age(this.now());
  }

  get askingFor(): number {
    return this.comm.askingFor;
  }

  /** Whether edits go straight to the hub. */
  get hasLane(): boolean {
    return this.lane?.isLive === true;
  }

  get isLaneOffered(): boolean {
    return this.lane !== null && this.kernel.offer.document !== "";
  }

  /** The hub refuses edits, and the kernel has not said so yet. */
  get isLowered(): boolean {
    return this.lane?.isWritable === false && (this.hasLane || this.isHolding);
  }

  /** The kernel went away, and something was not saved: kept for the next widget of the document, or just shown. */
  get left(): "" | "kept" | "shown" {
    return this.owned.left(this.epoch);
  }

  /** This page alone has something, and has had it for more than a moment. */
  get isAtRisk(): boolean {
    return this.options.signal.aborted ? this.left !== "" : this.pendingFor > RISKY;
  }

  get people(): Person[] {
    return peopleIn(this.awareness.getStates(), this.options.me().id);
  }

  /** `listener` is called when the Y.Doc was replaced: editors start anew from `text`. */
  onReset(listener: () => void, signal: AbortSignal): void {
    this.resetListeners.add(listener, signal);
  }

  /** `listener` is called when saving or people may have changed. */
  onChange(listener: () => void, signal: AbortSignal): void {
    this.changeListeners.add(listener, signal);
  }

  /** Ask the kernel for the text; called when the first view appears. */
  open(): void {
    this.isOpen = true;
    this.own.present();
    this.comm.open();
    this.considerLane();
    this.reports.consider();
  }

  /** The page is about to go, unless its user stays after all. */
  stepAside(): void {
    this.own.stepAside();
  }

  /** Nobody on this page looks any more. */
  close(): void {
    this.own.remove();
    this.tellKernel();
    this.isOpen = false;
    this.lane?.stop();
    this.reports.stop();
    this.comm.leave();
  }

  /** The page may go away: what is unsent goes out on every road there is; arriving twice does no harm. */
  flush(): void {
    this.lane?.flush();
    this.tellKernel();
  }

  /** Give up what nobody has stored; the kernel starts a new document from what the hub has. */
  discard(): void {
    this.pending.clear();
    this.owned.discard();
    // Nothing of this document is sent any more.
    this.isResetting = true;
    this.comm.discard();
    this.considerLane();
    this.changed();
  }

  /** The page was asleep, hidden or offline: find out at once what happened meanwhile. */
  wake(): void {
    if (!this.isOpen) return;
    this.lane?.wake();
    this.hints.tellKernel();
    this.resync();
  }

  /** Messages of the kernel may have been dropped: compare with it. */
  recheck(): void {
    if (this.isOpen && !this.hasLane) this.comm.requestSync();
  }

  /** Compare with the kernel, unless that is under way. */
  resync(): void {
    if (this.isOpen && !this.hasLane) this.comm.compare();
  }

  /** What the road depends on may have changed. */
  considerLane(): void {
    this.takeOver();
    if (this.hints.isKernelBack() && this.isOpen) this.lane?.wake();
    else this.lane?.consider();
  }

  private sync({ epoch, taken, sent: said, update, kernelKnows }: Answer): void {
    // Not of our last request: there may have been another since.
    const sent = this.isHolding ? this.pending.seq : said;
    // Its word about some of them may have been lost.
    if (!this.hasLane && !this.isHolding) this.pending.confirmUpTo(taken);
    if (epoch !== this.epoch) {
      this.replaceDoc(epoch, update, sent);
    } else if (!this.hasLane && !this.isResetting) {
      this.applyToBoth(update);
      this.sendLost(kernelKnows, sent);
    }
    this.considerLane();
    this.changed();
  }

  private reset(epoch: number): void {
    const wasResetting = this.isResetting;
    this.isResetting = epoch !== this.epoch;
    // What is typed after `discard` is given up too.
    if (this.isResetting && !wasResetting) this.lastSent = this.pending.seq;
    if (this.isOpen && this.isResetting) this.comm.requestSync();
    this.considerLane();
  }

  private applyToBoth(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, REMOTE);
    this.pending.applyRemote(update);
  }

  /** The kernel has not got what we sent before our request: send it again, as one edit. */
  private sendLost(kernelKnows: Uint8Array, sent: number): void {
    const wasHolding = this.isHolding;
    this.isHolding = false;
    const since = this.pending.takeUpTo(sent);
    // What the hub told us before it told the kernel goes along: later edits build on it.
    if (since !== undefined || (wasHolding && lacks(kernelKnows, this.doc)))
      this.sendEdit(Y.encodeStateAsUpdate(this.doc, kernelKnows), since);
  }

  private replaceDoc(epoch: number, update: Uint8Array, sent: number): void {
    // What the kernel gets later it carries over itself, for it knows the replaced document too.
    const unsent = this.pending.takeUnsent(sent, this.lastSent);
    const { key } = this.options;
    const { kept, change } = (unsent && carry(unsent, this.doc, update, key, this.isRefused)) ?? {};
    // Then what was typed last is no edit of the new text, but of a version that cannot be merged with it.
    const isApart = change && (this.kernel.isUnmerged || clashes(...change, update, key));
    // The kernel gets it for the document that it was typed into.
    const late = isApart && Y.encodeStateAsUpdate(this.doc);
    if (late) this.comm.sendEdit(this.pending.add(late, this.now()), late);
    this.own.remove();
    const [oldDoc, oldAwareness] = [this.doc, this.own];
    this.doc = new Y.Doc();
    this.pending.startAnew(epoch);
    this.epoch = epoch;
    this.isResetting = this.isRefused = false;
    this.lastSent = Number.POSITIVE_INFINITY;
    this.isHolding = false;
    this.isSynced = true;
    this.applyToBoth(update);
    this.own = this.listenToDoc();
    // Before editors start anew: they find their cursor by what is before and behind it.
    if (kept) Y.applyUpdate(this.doc, kept, KEPT);
    else if (change && !isApart && this.text) carryOver(this.text, ...change);
    this.resetListeners.tell();
    oldAwareness.destroy();
    oldDoc.destroy();
    this.own.present();
  }

  private confirm(epoch: number, seq: number): void {
    // With a lane the hub's word counts.
    if (this.hasLane || !this.pending.confirm(seq, epoch)) return;
    this.changed();
  }

  private sendEdit(update: Uint8Array, since = this.now()): void {
    const seq = this.pending.add(update, since);
    if (this.lane?.isLive) this.lane.pump();
    else if (this.isHolding) this.resync();
    else if (seq <= this.lastSent) this.comm.sendEdit(seq, update);
    this.changed();
  }

  /** Tell the kernel what only the hub was told, or nobody. */
  private tellKernel(): void {
    const isHeld = this.hasLane || this.isHolding || this.pending.seq > this.lastSent;
    if (this.pending.size && isHeld) this.comm.sendAll();
  }

  private pendingReports(): PendingReports {
    const report = () => {
      const { seq, takenUpTo } = this.pending;
      // What takes the comm the kernel knows by itself.
      return { seq, stored: this.hasLane || this.isHolding ? takenUpTo : seq };
    };
    return new PendingReports(report, (said) => this.comm.reportPending(said), this.now);
  }

  private commHost(): CommHost {
    return {
      present: () => {
        const { doc, epoch, isOpen, isSynced, hasLane, pending } = this;
        return { doc, epoch, isOpen, isSynced, hasLane, seq: pending.seq };
      },
      sync: (answer) => this.sync(answer),
      applyRemote: (update) => this.applyToBoth(update),
      confirm: (epoch, seq) => this.confirm(epoch, seq),
      reset: (epoch) => this.reset(epoch),
      applyAwareness: (state) => this.own.take(state),
      showAwareness: () => this.own.send(),
    };
  }

  private laneHost(): LaneHost {
    const live = this;
    return {
      get doc() {
        return live.doc;
      },
      facts: () => {
        const { isOpen, isSynced, epoch, isResetting, kernel } = live;
        return { ...kernel, isOpen, isSynced, epoch, isResetting, isClosed: live.options.signal.aborted };
      },
      unacknowledged: () => live.pending.present(),
      acknowledge: (seq) => live.acknowledge(seq),
      applyRemote: (update) => {
        live.applyToBoth(update);
      },
      applyAwareness: (state) => live.own.take(state),
      onAccess: () => live.changed(),
      onNamesTaken: () => {
        // The kernel starts a new document from what the hub has; what nobody has stored is carried over to it.
        this.isResetting = true;
        this.isRefused = true;
        this.comm.renew();
      },
      onLineUp: () => live.hints.tellKernel(),
      onSwitch: (isLive) => live.switchRoad(isLive),
    };
  }

  private acknowledge(upTo: number): void {
    this.pending.confirmUpTo(upTo);
    // A kernel that went away had perhaps something of its own.
    if (this.options.signal.aborted && !this.pending.size && !this.kernel.hasUnsaved) this.discard();
    this.changed();
  }

  private switchRoad(isLive: boolean): void {
    this.isHolding = !isLive;
    if (this.isOpen) {
      this.comm.tellLane(isLive);
      if (!isLive) this.comm.requestSync();
      // The other road's end may reach the others late: what it says of us is older than two steps.
      this.own.present();
      this.own.present();
    }
    this.changed();
  }

  private listenToDoc(): OwnAwareness {
    const { doc } = this;
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE && doc === this.doc) this.sendEdit(update);
    });
    return new OwnAwareness(doc, {
      me: this.options.me,
      tell: (state) => (this.lane?.isLive ? this.lane : this.comm).sendAwareness(state),
      isShown: () => this.isOpen && this.isSynced && doc === this.doc,
      changed: () => this.changed(),
    });
  }

  private changed(): void {
    if (this.isOpen && !this.options.signal.aborted) this.reports.consider();
    this.changeListeners.tell();
  }

  /** The kernel has gone: what it, or the hub, has not got is kept for the next widget of this document. */
  private stop(): void {
    if (this.pending.size > 0 || this.kernel.hasUnsaved) this.owned.leave(this.doc, this.epoch);
    // A lane that ends asks for a sync.
    this.lane?.stop();
    this.comm.stop();
    this.reports.stop();
    this.own.destroy();
    this.changed();
  }

  /** Remember whose document this is, and take over what an earlier widget of it could not save. */
  private takeOver(): void {
    const { offer } = this.kernel;
    const isOffered =
      this.isSynced && offer.document !== "" && offer.epoch === this.epoch && !this.isResetting;
    if (!isOffered || this.options.signal.aborted) return;
    this.owned.become(offer);
    const kept = this.isOpen ? this.owned.takeKept() : undefined;
    // Not from the kernel or the hub: it goes to them as the user's own edit, unless they know all of it.
    if (kept) Y.applyUpdate(this.doc, kept, KEPT);
  }

  private get kernel(): KernelFacts {
    return this.options.kernel?.() ?? { offer: NO_OFFER, saveState: "", hasUnsaved: false };
  }
}
