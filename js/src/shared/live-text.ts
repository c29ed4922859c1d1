// One live text on this page: its Y.Doc, what nobody else has taken yet, and everybody's cursors.
//
// All views of a widget share it. Edits take the direct lane to the hub while there is one (lane.ts), else the
// comm. The kernel numbers its messages, so that a lost one is noticed; a `hello` with our state vector then
// brings both sides together, also when the lane has ended. When the kernel replaces the document (`epoch`
// changes), a new Y.Doc takes its place and edits that were on the way are carried over.
import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import type { Channel, Incoming } from "./channel";
import type { HubLine } from "./hub-line";
import { Lane, type LaneHost, lacks } from "./lane";
import { type LaneFacts, NO_OFFER } from "./lane-state";
import { colorsOf, type Person, peopleIn } from "./people";
import { difference, rebase } from "./rebase";

/** Origin of what came from the kernel or the hub; everything else is the user's. */
export const REMOTE = "remote";

const AWARENESS_EVERY = 100;
const HELLO_AGAIN = 15_000;

interface Pending {
  update: Uint8Array;
  since: number;
}

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
  awareness = new Awareness(this.doc);
  epoch = -1;
  isSynced = false;

  private confirmed = new Y.Doc();
  private readonly pending = new Map<number, Pending>();
  private seq = 0;
  private number = 0;
  private isResetting = false;
  private isOpen = false;
  /** The lane has ended, and what the kernel knows is not known yet: edits that it may not understand wait. */
  private isHolding = false;
  private readonly lane: Lane | null;
  private hello = { at: 0, seq: 0, isAnswered: true };
  private awarenessTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly resetListeners = new Set<() => void>();
  private readonly changeListeners = new Set<() => void>();
  private readonly now: () => number;

  constructor(private readonly options: LiveTextOptions) {
    this.now = options.now ?? Date.now;
    this.lane = options.line ? new Lane(options.line, this.laneHost(), this.now) : null;
    this.listenToDoc();
    options.channel.receive((message, buffers) => this.receive(message, buffers));
    options.signal.addEventListener("abort", () => this.stop());
  }

  /** The shared text; null before the first sync, or when the document has none. */
  get text(): Y.Text | null {
    const text = this.doc.getMap("data").get(this.options.key);
    return text instanceof Y.Text ? text : null;
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  get pendingFor(): number {
    const [oldest] = this.pending.values();
    return oldest ? this.now() - oldest.since : 0;
  }

  get askingFor(): number {
    return this.isSynced || !this.isOpen ? 0 : this.now() - this.hello.at;
  }

  /** Whether edits go straight to the hub. */
  get hasLane(): boolean {
    return this.lane?.isLive === true;
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
    this.presentMyself();
    this.sayHello();
    this.considerLane();
  }

  /** Nobody on this page looks any more. */
  close(): void {
    this.sendAwarenessRemoval();
    this.isOpen = false;
    this.lane?.stop();
    this.options.channel.send("goodbye", { peer: this.options.channel.peer });
  }

  /** Compare with the kernel, unless that is under way. */
  resync(): void {
    const isFresh = this.now() - this.hello.at < (this.hello.isAnswered ? 2_000 : HELLO_AGAIN);
    if (this.isOpen && !isFresh && !this.hasLane) this.sayHello();
  }

  /** What the road depends on may have changed. */
  considerLane(): void {
    this.lane?.consider();
  }

  private sayHello(): void {
    const { channel } = this.options;
    this.hello = {
      at: this.isSynced ? this.now() : this.hello.at || this.now(),
      seq: this.seq,
      isAnswered: false,
    };
    channel.send("hello", { peer: channel.peer, epoch: this.epoch }, [Y.encodeStateVector(this.doc)]);
  }

  private receive(message: Incoming, buffers: Uint8Array[]): void {
    const [first, second] = buffers;
    switch (message.kind) {
      case "sync":
        if (first && second) this.sync(Number(message.epoch), Number(message.number), first, second);
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
        if (first && message.from !== this.options.channel.peer && !this.hasLane)
          applyAwarenessUpdate(this.awareness, first, REMOTE);
        break;
      case "awareness_query":
        if (!this.hasLane) this.sendAwareness();
        break;
    }
  }

  private sync(epoch: number, number: number, update: Uint8Array, kernelKnows: Uint8Array): void {
    this.hello.isAnswered = true;
    this.number = number;
    if (epoch !== this.epoch) {
      this.replaceDoc(epoch, update);
    } else if (!this.hasLane) {
      this.applyToBoth(update);
      this.sendLost(kernelKnows);
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
    Y.applyUpdate(this.confirmed, update, REMOTE);
  }

  /** The kernel has not got what we sent before our hello: send it again, as one edit. */
  private sendLost(kernelKnows: Uint8Array): void {
    const wasHolding = this.isHolding;
    this.isHolding = false;
    const lost = [...this.pending].filter(([seq]) => wasHolding || seq <= this.hello.seq);
    // What the hub told us before it told the kernel goes along: later edits build on it.
    if (!lost.length && !(wasHolding && lacks(kernelKnows, this.doc))) return;
    const since = lost[0]?.[1].since ?? this.now();
    for (const [seq] of lost) this.pending.delete(seq);
    this.sendEdit(Y.encodeStateAsUpdate(this.doc, kernelKnows), since);
  }

  private replaceDoc(epoch: number, update: Uint8Array): void {
    const base = this.textIn(this.confirmed);
    const local = this.text?.toString() ?? "";
    const isCarrying = this.pending.size > 0;
    if (this.isSynced) this.sendAwarenessRemoval();
    const [oldDoc, oldAwareness] = [this.doc, this.awareness];
    this.doc = new Y.Doc();
    this.awareness = new Awareness(this.doc);
    this.confirmed = new Y.Doc();
    this.pending.clear();
    this.epoch = epoch;
    this.isResetting = false;
    this.isHolding = false;
    this.isSynced = true;
    this.applyToBoth(update);
    this.listenToDoc();
    for (const listener of this.resetListeners) listener();
    oldAwareness.destroy();
    oldDoc.destroy();
    if (isCarrying) this.carryOver(base, local);
    this.presentMyself();
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
    const taken = this.pending.get(seq);
    // After a reset the kernel's word is about a document that it has thrown away; with a lane the hub's counts.
    if (!taken || epoch !== this.epoch || this.isResetting || this.hasLane) return;
    Y.applyUpdate(this.confirmed, taken.update, REMOTE);
    this.pending.delete(seq);
    this.changed();
  }

  private sendEdit(update: Uint8Array, since = this.now()): void {
    const { channel } = this.options;
    this.seq += 1;
    this.pending.set(this.seq, { update, since });
    if (this.lane?.isLive) this.lane.pump();
    else if (this.isHolding) this.resync();
    else channel.send("update", { peer: channel.peer, epoch: this.epoch, seq: this.seq }, [update]);
    this.changed();
  }

  private laneHost(): LaneHost {
    const live = this;
    return {
      get doc() {
        return live.doc;
      },
      facts: () => live.laneFacts(),
      unacknowledged: () => [...live.pending].map(([seq, { update }]) => ({ seq, update })),
      acknowledge: (seq) => live.acknowledge(seq),
      applyRemote: (update) => {
        live.applyToBoth(update);
      },
      applyAwareness: (state) => applyAwarenessUpdate(live.awareness, state, REMOTE),
      onSwitch: (isLive) => live.switchRoad(isLive),
    };
  }

  private laneFacts(): ReturnType<LaneHost["facts"]> {
    const { isOpen, isSynced, epoch, isResetting } = this;
    const kernel = this.options.kernel?.() ?? { offer: NO_OFFER, saveState: "", hasUnsaved: false };
    return { ...kernel, isOpen, isSynced, epoch, isResetting, isClosed: this.options.signal.aborted };
  }

  private acknowledge(upTo: number): void {
    for (const [seq, { update }] of [...this.pending]) {
      if (seq > upTo) continue;
      Y.applyUpdate(this.confirmed, update, REMOTE);
      this.pending.delete(seq);
    }
    this.changed();
  }

  private switchRoad(isLive: boolean): void {
    const { channel } = this.options;
    this.isHolding = !isLive;
    if (this.isOpen) {
      channel.send("lane", { peer: channel.peer, on: isLive });
      if (!isLive) this.sayHello();
      // The other road's end may reach the others late: what it says of us is older than two steps.
      this.presentMyself();
      this.presentMyself();
    }
    this.changed();
  }

  private listenToDoc(): void {
    const { doc, awareness } = this;
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE && doc === this.doc) this.sendEdit(update);
    });
    awareness.on("update", (_changes: unknown, origin: unknown) => {
      if (awareness !== this.awareness) return;
      if (origin !== REMOTE) this.sendAwarenessSoon();
      this.changed();
    });
  }

  private presentMyself(): void {
    const { id = "", name = "" } = this.options.me();
    const state = this.awareness.getLocalState() ?? {};
    this.awareness.setLocalState({ ...state, user: { id, name, ...colorsOf(id) } });
  }

  private sendAwarenessSoon(): void {
    this.awarenessTimer ??= setTimeout(() => {
      this.awarenessTimer = undefined;
      this.sendAwareness();
    }, AWARENESS_EVERY);
  }

  private sendAwareness(): void {
    if (!this.isOpen || !this.isSynced) return;
    this.tellAwareness(encodeAwarenessUpdate(this.awareness, [this.doc.clientID]));
  }

  private tellAwareness(state: Uint8Array): void {
    if (this.lane?.isLive) this.lane.sendAwareness(state);
    else this.options.channel.send("awareness", { peer: this.options.channel.peer }, [state]);
  }

  private sendAwarenessRemoval(): void {
    clearTimeout(this.awarenessTimer);
    this.awarenessTimer = undefined;
    if (!this.isSynced) return;
    removeAwarenessStates(this.awareness, [this.doc.clientID], REMOTE);
    this.tellAwareness(encodeAwarenessUpdate(this.awareness, [this.doc.clientID], new Map()));
  }

  private changed(): void {
    for (const listener of this.changeListeners) listener();
  }

  private stop(): void {
    clearTimeout(this.awarenessTimer);
    this.lane?.stop();
    this.awareness.destroy();
    this.changed();
  }
}

function subscribe(listeners: Set<() => void>, listener: () => void, signal: AbortSignal): void {
  listeners.add(listener);
  signal.addEventListener("abort", () => listeners.delete(listener));
}
