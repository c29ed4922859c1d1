// One live text on this page: its Y.Doc, what nobody else has taken yet, and everybody's cursors.
//
// All views of a widget share it. Edits take the direct lane to the hub while there is one (lane.ts), else the
// comm. The kernel numbers its messages, so that a lost one is noticed; a `hello` with our state vector then
// brings both sides together, also when the lane has ended. When the kernel replaces the document (`epoch`
// changes), a new Y.Doc takes its place and edits that were on the way are carried over.
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import type { Channel, Incoming } from "./channel";
import type { HubLine } from "./hub-line";
import { keptEdits } from "./kept-edits";
import { Lane, type LaneHost, lacks } from "./lane";
import { type LaneFacts, NO_OFFER } from "./lane-state";
import { OwnAwareness } from "./own-awareness";
import { PendingEdits } from "./pending-edits";
import { type Person, peopleIn } from "./people";
import { difference, rebase } from "./rebase";
import { Reunion } from "./reunion";

/** Origin of what came from the kernel or the hub; everything else is the user's. */
export const REMOTE = "remote";
/** Origin of edits that an earlier widget of this page could not save. */
const KEPT = "kept";

const HELLO_AGAIN = 15_000;
const RISKY = 1_000;

/** What the kernel's traits say about the direct lane. */
export type KernelFacts = Pick<LaneFacts, "offer" | "saveState" | "hasUnsaved">;

export interface LiveTextOptions {
  channel: Channel;
  key: string;
  signal: AbortSignal;
  me: () => { id?: string; name?: string };
  now?: () => number;
  /** Without a line the comm is the only road. */
  line?: HubLine | null;
  kernel?: () => KernelFacts;
}

export class LiveText {
  doc = new Y.Doc();
  epoch = -1;
  isSynced = false;

  private readonly pending = new PendingEdits();
  private number = 0;
  private isResetting = false;
  private isOpen = false;
  /** The lane has ended, and what the kernel knows is not known yet: edits that it may not understand wait. */
  private isHolding = false;
  /** The hub's document that the present Y.Doc belongs to, and whether something of it was left unsaved. */
  private owned = { key: "", epoch: -1, isLeft: false };
  private readonly lane: Lane | null;
  private readonly reunion: Reunion;
  private hello = { at: 0, isAnswered: true };
  private helloTimer: ReturnType<typeof setTimeout> | undefined;
  private own: OwnAwareness;
  private readonly resetListeners = new Set<() => void>();
  private readonly changeListeners = new Set<() => void>();
  private readonly now: () => number;

  constructor(private readonly options: LiveTextOptions) {
    this.now = options.now ?? Date.now;
    this.lane = options.line ? new Lane(options.line, this.laneHost(), this.now) : null;
    this.reunion = new Reunion(options.channel, () => this.kernel.saveState === "offline");
    this.own = this.listenToDoc();
    options.channel.receive((message, buffers) => this.receive(message, buffers));
    options.signal.addEventListener("abort", () => this.stop());
  }

  /** The shared text; null before the first sync, or when the document has none. */
  get text(): Y.Text | null {
    const text = this.doc.getMap("data").get(this.options.key);
    return text instanceof Y.Text ? text : null;
  }

  get awareness(): Awareness {
    return this.own.awareness;
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  get pendingFor(): number {
    const { since } = this.pending;
    return since === undefined ? 0 : this.now() - since;
  }

  get askingFor(): number {
    return this.isSynced || !this.isOpen ? 0 : this.now() - this.hello.at;
  }

  /** Whether edits go straight to the hub. */
  get hasLane(): boolean {
    return this.lane?.isLive === true;
  }

  /** The hub refuses edits, and the kernel has not said so yet. */
  get isLowered(): boolean {
    return this.lane?.isWritable === false && (this.hasLane || this.isHolding);
  }

  /** The kernel went away, and something was not saved: kept for the next widget of the document, or just shown. */
  get left(): "" | "kept" | "shown" {
    const { key, epoch, isLeft } = this.owned;
    if (!isLeft) return "";
    if (epoch !== this.epoch) return "shown";
    return keptEdits.has(key) ? "kept" : "";
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
    subscribe(this.resetListeners, listener, signal);
  }

  /** `listener` is called when saving or people may have changed. */
  onChange(listener: () => void, signal: AbortSignal): void {
    subscribe(this.changeListeners, listener, signal);
  }

  /** Ask the kernel for the text; called when the first view appears. */
  open(): void {
    this.isOpen = true;
    if (!this.isSynced) this.hello.at = this.now();
    this.own.present();
    this.sayHello();
    this.considerLane();
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
    clearTimeout(this.helloTimer);
    this.options.channel.send("goodbye", { peer: this.options.channel.peer });
  }

  /** The page may go away: what is unsent goes out on every road there is; arriving twice does no harm. */
  flush(): void {
    this.lane?.flush();
    this.tellKernel();
  }

  /** Give up what nobody has stored; the kernel starts a new document from what the hub has. */
  discard(): void {
    this.pending.clear();
    keptEdits.take(this.owned.key);
    this.owned.isLeft = false;
    // Nothing of this document is sent any more.
    this.isResetting = true;
    this.options.channel.send("discard");
    this.considerLane();
    this.changed();
  }

  /** The page was asleep, hidden or offline: find out at once what happened meanwhile. */
  wake(): void {
    if (!this.isOpen) return;
    this.lane?.wake();
    this.reunion.tellKernel();
    this.resync();
  }

  /** Messages of the kernel may have been dropped: compare with it. */
  recheck(): void {
    if (this.isOpen && !this.hasLane) this.sayHello();
  }

  /** Compare with the kernel, unless that is under way. */
  resync(): void {
    const isFresh = this.now() - this.hello.at < (this.hello.isAnswered ? 2_000 : HELLO_AGAIN);
    if (this.isOpen && !isFresh && !this.hasLane) this.sayHello();
  }

  /** What the road depends on may have changed. */
  considerLane(): void {
    this.takeOver();
    if (this.reunion.kernelIsBack() && this.isOpen) this.lane?.wake();
    else this.lane?.consider();
  }

  private sayHello(): void {
    const { channel } = this.options;
    this.hello = {
      at: this.isSynced ? this.now() : this.hello.at || this.now(),
      isAnswered: false,
    };
    const { seq } = this.pending;
    channel.send("hello", { peer: channel.peer, epoch: this.epoch, seq }, [Y.encodeStateVector(this.doc)]);
    clearTimeout(this.helloTimer);
    this.helloTimer = setTimeout(() => {
      if (this.isOpen && !this.hello.isAnswered) this.sayHello();
    }, HELLO_AGAIN);
  }

  private receive(message: Incoming, buffers: Uint8Array[]): void {
    const [first, second] = buffers;
    switch (message.kind) {
      case "sync":
        if (first && second) this.sync(message, first, second);
        break;
      case "update":
        if (first) this.applyRemote(Number(message.epoch), Number(message.number), first);
        break;
      case "received":
        this.confirm(Number(message.epoch), Number(message.seq));
        break;
      case "beat":
        if (Number(message.number) !== this.number && !this.hasLane) this.sayHello();
        break;
      case "reset":
        this.isResetting = Number(message.epoch) !== this.epoch;
        if (this.isOpen && this.isResetting) this.sayHello();
        this.considerLane();
        break;
      case "awareness":
        if (first && message.from !== this.options.channel.peer && !this.hasLane) this.own.take(first);
        break;
      case "awareness_query":
        if (!this.hasLane) this.own.send();
        break;
    }
  }

  private sync(message: Incoming, update: Uint8Array, kernelKnows: Uint8Array): void {
    const epoch = Number(message.epoch);
    // Not of our last hello: there may have been another since.
    const sent = this.isHolding ? this.pending.seq : Number(message.sent);
    this.hello.isAnswered = true;
    this.number = Number(message.number);
    // Its word about some of them may have been lost.
    if (!this.hasLane && !this.isHolding) this.pending.confirmUpTo(Number(message.taken));
    if (epoch !== this.epoch) {
      this.replaceDoc(epoch, update, sent);
    } else if (!this.hasLane && !this.isResetting) {
      this.applyToBoth(update);
      this.sendLost(kernelKnows, sent);
    }
    this.considerLane();
    this.changed();
  }

  private applyRemote(epoch: number, number: number, update: Uint8Array): void {
    // With a lane, what the kernel has and the hub has not would make our next edits unintelligible to the hub.
    if (!this.isSynced || this.hasLane) return;
    const isNext = epoch === this.epoch && number === this.number + 1;
    if (epoch === this.epoch) {
      this.applyToBoth(update);
      this.number = number;
    }
    if (!isNext) this.sayHello();
  }

  private applyToBoth(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, REMOTE);
    this.pending.applyRemote(update);
  }

  /** The kernel has not got what we sent before our hello: send it again, as one edit. */
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
    const base = this.pending.takeLost(sent);
    const local = this.textIn(this.doc);
    this.own.remove();
    const [oldDoc, oldAwareness] = [this.doc, this.own];
    this.doc = new Y.Doc();
    this.pending.startAnew(epoch);
    this.epoch = epoch;
    this.isResetting = false;
    this.isHolding = false;
    this.isSynced = true;
    this.applyToBoth(update);
    this.own = this.listenToDoc();
    for (const listener of this.resetListeners) listener();
    oldAwareness.destroy();
    oldDoc.destroy();
    if (base) this.carryOver(this.textIn(base), local);
    this.own.present();
  }

  private carryOver(base: string, local: string): void {
    const text = this.text;
    if (!text) return;
    const now = text.toString();
    const span = difference(now, rebase(base, local, now));
    this.doc.transact(() => {
      text.delete(span.from, span.to - span.from);
      text.insert(span.from, span.insert);
    });
  }

  private textIn(doc: Y.Doc): string {
    const text = doc.getMap("data").get(this.options.key);
    return text instanceof Y.Text ? text.toString() : "";
  }

  private confirm(epoch: number, seq: number): void {
    // With a lane the hub's word counts.
    if (this.hasLane || !this.pending.confirm(seq, epoch)) return;
    this.changed();
  }

  private sendEdit(update: Uint8Array, since = this.now()): void {
    const { channel } = this.options;
    const seq = this.pending.add(update, since);
    if (this.lane?.isLive) this.lane.pump();
    else if (this.isHolding) this.resync();
    else channel.send("update", { peer: channel.peer, epoch: this.epoch, seq }, [update]);
    this.changed();
  }

  /** Tell the kernel what only the hub was told, or nobody; the whole text, for it may lack what edits build on. */
  private tellKernel(): void {
    if (!this.pending.size || !(this.hasLane || this.isHolding)) return;
    const { channel } = this.options;
    const { seq } = this.pending;
    const whole = Y.encodeStateAsUpdate(this.doc);
    channel.send("update", { peer: channel.peer, epoch: this.epoch, seq }, [whole]);
  }

  private laneHost(): LaneHost {
    const live = this;
    return {
      get doc() {
        return live.doc;
      },
      facts: () => live.laneFacts(),
      unacknowledged: () => live.pending.present(),
      acknowledge: (seq) => live.acknowledge(seq),
      applyRemote: (update) => {
        live.applyToBoth(update);
      },
      applyAwareness: (state) => live.own.take(state),
      onAccess: () => live.changed(),
      onLineUp: () => live.reunion.tellKernel(),
      onSwitch: (isLive) => live.switchRoad(isLive),
    };
  }

  private laneFacts(): ReturnType<LaneHost["facts"]> {
    const { isOpen, isSynced, epoch, isResetting } = this;
    return { ...this.kernel, isOpen, isSynced, epoch, isResetting, isClosed: this.options.signal.aborted };
  }

  private acknowledge(upTo: number): void {
    this.pending.confirmUpTo(upTo);
    // A kernel that went away had perhaps something of its own.
    if (this.options.signal.aborted && !this.pending.size && !this.kernel.hasUnsaved) this.discard();
    this.changed();
  }

  private switchRoad(isLive: boolean): void {
    const { channel } = this.options;
    this.isHolding = !isLive;
    if (this.isOpen) {
      channel.send("lane", { peer: channel.peer, on: isLive });
      if (!isLive) this.sayHello();
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
      tell: (state) => this.tellAwareness(state),
      isShown: () => this.isOpen && this.isSynced && doc === this.doc,
      changed: () => this.changed(),
    });
  }

  private tellAwareness(state: Uint8Array): void {
    if (this.lane?.isLive) this.lane.sendAwareness(state);
    else this.options.channel.send("awareness", { peer: this.options.channel.peer }, [state]);
  }

  private changed(): void {
    for (const listener of this.changeListeners) listener();
  }

  /** The kernel has gone: what it, or the hub, has not got is kept for the next widget of this document. */
  private stop(): void {
    clearTimeout(this.helloTimer);
    this.owned.isLeft = this.pending.size > 0 || this.kernel.hasUnsaved;
    if (this.owned.isLeft && this.owned.epoch === this.epoch)
      keptEdits.keep(this.owned.key, Y.encodeStateAsUpdate(this.doc));
    this.lane?.stop();
    this.own.destroy();
    this.changed();
  }

  /** Remember whose document this is, and take over what an earlier widget of it could not save. */
  private takeOver(): void {
    const { document, user, epoch } = this.kernel.offer;
    const isOffered = this.isSynced && document !== "" && epoch === this.epoch && !this.isResetting;
    if (!isOffered || this.options.signal.aborted) return;
    this.owned = { key: `${document} ${user}`, epoch, isLeft: false };
    const kept = this.isOpen ? keptEdits.take(this.owned.key) : undefined;
    // Not from the kernel or the hub: it goes to them as the user's own edit, unless they know all of it.
    if (kept) Y.applyUpdate(this.doc, kept, KEPT);
  }

  private get kernel(): KernelFacts {
    return this.options.kernel?.() ?? { offer: NO_OFFER, saveState: "", hasUnsaved: false };
  }
}

function subscribe(listeners: Set<() => void>, listener: () => void, signal: AbortSignal): void {
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener));
}
