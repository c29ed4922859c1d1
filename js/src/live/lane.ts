// The direct lane of one document: its Y.Doc in agreement with the hub, without the kernel on the way.
// Whatever goes wrong ends the lane for a while; the comm road, which never closes, takes over.
import * as Y from "yjs";
import { AWARENESS, UPDATE_DOCUMENT } from "../schema/events";
import { AWARENESS_BYTES, LIVE_TEXT_BYTES, LIVE_UPDATE_BYTES } from "../schema/limits";
import { sizeNearLimit } from "../text/document-size";
import { Backoff } from "./backoff";
import type { Follower, HubLine, Reader } from "./hub-line";
import { bytesIn } from "./inline";
import { type LaneFacts, laneGoal } from "./lane-state";
import type { Edit } from "./pending-edits";
import { Timer } from "./timer";

const SPACING = 50;
const LONGEST_REST = 60_000;
/** What came so shortly before the page woke up needs no second look. */
const FRESH = 2_000;

/** The document on this page. */
export interface LaneHost {
  readonly doc: Y.Doc;
  /** There is no kernel: what the hub refuses waits here, and is not sent again before it may be. */
  readonly isOnlyRoad?: boolean;
  /** Everything about the document that decides on its road. */
  facts(): Omit<LaneFacts, "lineUser" | "isResting">;
  /** Edits of this page that nobody has acknowledged, oldest first. */
  unacknowledged(): Edit[];
  /** The hub has stored all edits up to this one. */
  acknowledge(seq: number): void;
  applyRemote(update: Uint8Array): void;
  applyAwareness(state: Uint8Array): void;
  /** The hub has said what the user may do. */
  onAccess(): void;
  /** The hub has other edits under the names of ours: they can never be stored in this document. */
  onNamesTaken(): void;
  /** The hub can be reached from this page. */
  onLineUp(): void;
  /** From now on edits take the lane, or the comm. */
  onSwitch(isLive: boolean): void;
  /** The hub, or what it said, has ended the lane for a while; `status` is that of its refusal, if it was one. */
  onFail?(reason: string, status: unknown): void;
}

interface Ack {
  ok?: boolean;
  update?: unknown;
  stateVector?: unknown;
  access?: unknown;
  error?: { message?: unknown; status?: unknown };
}

/** Refusals that are about the person, not about the edit. */
const NOT_ALLOWED: unknown[] = [401, 403, 404];
const CONFLICT = 409;
/** Why the hub has ended a subscription, in words. */
const LOST: Record<string, string> = {
  access: "you have no access any more",
  deleted: "the document was deleted",
};

export class Lane implements Follower, Reader {
  /** Edits take this road. */
  isLive = false;
  /** What the hub said last: whether the user may change the document. */
  isWritable = true;
  /** What the hub said last: whether the user may see the document. */
  isReadable = true;
  private isRunning = false;
  private isFollowing = false;
  /** What an older attempt still waits for does not count any more. */
  private attempt = 0;
  private document = "";
  private isInFlight = false;
  private caughtUpAt = Number.NEGATIVE_INFINITY;
  private heardAt = 0;
  private freeAt = 0;
  private readonly pumpTimer = new Timer(() => this.pump());
  private readonly restTimer = new Timer(() => this.consider());
  private readonly backoff: Backoff;

  constructor(
    private readonly line: HubLine,
    private readonly host: LaneHost,
    private readonly now: () => number,
  ) {
    this.backoff = new Backoff(Math.random, now, LONGEST_REST);
  }

  /** Facts have changed: begin or end. */
  consider(): void {
    const facts = {
      ...this.host.facts(),
      lineUser: this.line.user,
      isResting: this.restTimer.isWaiting,
    };
    const goal = laneGoal(facts, this.isRunning);
    if (goal !== "run") this.end();
    this.setFollowing(goal !== "off");
    if (goal === "run" && !this.isRunning) this.begin(facts.offer.document);
  }

  /** Send what the user has typed: at once, and while one message is under way all that follows together. */
  pump(): void {
    if (!this.isLive || this.isBarred || this.isInFlight || this.pumpTimer.isWaiting) return;
    const wait = this.freeAt - this.now();
    if (wait > 0) {
      this.pumpTimer.start(wait);
      return;
    }
    const batch = takeBatch(this.host.unacknowledged());
    const last = batch.at(-1);
    if (last) this.push(Y.mergeUpdates(batch.map(({ update }) => update)), last.seq);
  }

  /** The page goes away: send all that waits; resolves when the hub has answered, or cannot any more. */
  async flush(): Promise<void> {
    if (!this.isLive || this.isBarred) return;
    const answers: Promise<unknown>[] = [];
    for (let waiting = this.host.unacknowledged(); waiting.length; ) {
      const batch = takeBatch(waiting);
      waiting = waiting.slice(batch.length);
      const update = Y.mergeUpdates(batch.map((edit) => edit.update));
      if (tooLarge(update, this.host.doc)) break;
      answers.push(this.sendLast(update, batch.at(-1)?.seq ?? 0));
    }
    await Promise.all(answers);
  }

  /** The page was asleep or offline, or the kernel is back at the hub: ask for what happened meanwhile, which also finds a dead connection. */
  wake(): void {
    this.line.wake();
    this.restTimer.cancel();
    if (this.isLive && this.now() - this.heardAt > FRESH) this.catchUp();
    else this.consider();
  }

  sendAwareness(state: Uint8Array): void {
    if (state.length > AWARENESS_BYTES) return;
    this.line.emit(AWARENESS, { id: this.document, state });
    for (const sibling of this.line.siblings(this.document, this)) sibling.onAwareness(state);
  }

  // the line's side

  onUp(): void {
    this.host.onLineUp();
    this.consider();
  }

  onDown(): void {
    this.consider();
  }

  onShown(document: string): void {
    if (this.isRunning || document !== this.document || !this.restTimer.isWaiting) return;
    this.restTimer.cancel();
    this.backoff.reset();
    this.consider();
  }

  onUpdate(update: Uint8Array): void {
    this.heardAt = this.now();
    this.host.applyRemote(update);
    // Something before it was never heard: without it the text would stand still in silence.
    if (this.isLive && this.host.doc.store.pendingStructs) this.catchUp();
  }

  onAwareness(state: Uint8Array): void {
    this.host.applyAwareness(state);
  }

  onClosed(reason: string): void {
    // A reader goes on reading. Edits are refused now, and then take the comm, where the kernel says why.
    if (reason === "read-only") {
      this.isWritable = false;
      this.host.onAccess();
      return;
    }
    if (reason === "resync") this.end();
    else this.lose(reason);
    this.consider();
  }

  private get isBarred(): boolean {
    return this.host.isOnlyRoad === true && !this.isWritable;
  }

  private setFollowing(isFollowing: boolean): void {
    if (this.isFollowing === isFollowing) return;
    this.isFollowing = isFollowing;
    if (isFollowing) this.line.follow(this);
    else this.line.unfollow(this);
  }

  private async begin(document: string): Promise<void> {
    this.isRunning = true;
    this.document = document;
    this.attempt += 1;
    const hubKnows = await this.sync();
    if (!hubKnows) return;
    this.isLive = true;
    this.isInFlight = false;
    this.host.onSwitch(true);
    this.pushLacking(hubKnows);
  }

  /** Take what the hub has and we have not; returns what the hub knows, null when that did not work. */
  private async sync(): Promise<Uint8Array | null> {
    const known = Y.encodeStateVector(this.host.doc);
    const ack = await this.ask(this.line.sync(this.document, this, known));
    if (!ack) return null;
    const [update, hubKnows] = [bytesIn(ack.update), bytesIn(ack.stateVector)];
    if (!update || !hubKnows) {
      this.fail("the hub's answer is not understood");
      return null;
    }
    this.heardAt = this.now();
    this.isWritable = String(ack.access).startsWith("RW");
    this.isReadable = true;
    this.host.applyRemote(update);
    // What was stored while the hub made this answer is in it, and nobody else on our socket is told.
    for (const sibling of this.line.siblings(this.document, this)) sibling.onUpdate(update);
    this.host.onAccess();
    return hubKnows;
  }

  private catchUp(): void {
    // Two cells of one page must not ask for each other again and again.
    if (this.now() - this.caughtUpAt < FRESH) return;
    this.caughtUpAt = this.now();
    this.sync();
  }

  /**
   * The first message holds all that the hub lacks, also what came from the kernel: later edits build on it.
   *
   * And it holds our own edits as they were written, for the hub to compare: it may have something else under their names.
   */
  private pushLacking(hubKnows: Uint8Array): void {
    const mine = this.host.unacknowledged();
    if (this.isBarred) return;
    if (!mine.length && !(this.isWritable && lacks(hubKnows, this.host.doc))) return;
    const lacking = Y.encodeStateAsUpdate(this.host.doc, hubKnows);
    const all = Y.mergeUpdates([lacking, ...mine.map(({ update }) => update)]);
    this.push(all.length > LIVE_UPDATE_BYTES ? lacking : all, mine.at(-1)?.seq ?? 0);
  }

  private async push(update: Uint8Array, upTo: number): Promise<void> {
    const refusal = tooLarge(update, this.host.doc);
    if (refusal) {
      this.fail(refusal);
      return;
    }
    this.isInFlight = true;
    this.freeAt = this.now() + SPACING;
    const ack = await this.ask(this.store(update));
    if (!ack) return;
    this.heardAt = this.now();
    this.isInFlight = false;
    this.backoff.reset();
    this.host.acknowledge(upTo);
    this.pump();
  }

  /** Have the hub store an edit; then the other cells of this page are told, for the hub does not echo. */
  private async store(update: Uint8Array): Promise<unknown> {
    const { document } = this;
    const ack = (await this.line.call(UPDATE_DOCUMENT, { id: document, update })) as Ack | undefined;
    if (ack?.ok === true) for (const sibling of this.line.siblings(document, this)) sibling.onUpdate(update);
    return ack;
  }

  private async sendLast(update: Uint8Array, upTo: number): Promise<void> {
    try {
      const ack = (await this.store(update)) as Ack | undefined;
      if (ack?.ok === true) this.host.acknowledge(upTo);
    } catch {
      // The connection is gone; the edits stay with the host.
    }
  }

  /** The hub's answer, unless it refuses, cannot be reached, or nobody waits for it any more. */
  private async ask(answer: Promise<unknown>): Promise<Ack | null> {
    const { attempt } = this;
    try {
      const ack = ((await answer) ?? {}) as Ack;
      if (attempt !== this.attempt) return null;
      if (ack.ok === true) return ack;
      if (NOT_ALLOWED.includes(ack.error?.status)) this.bar();
      if (ack.error?.status === CONFLICT) this.host.onNamesTaken();
      this.fail(String(ack.error?.message ?? "the hub refuses"), ack.error?.status);
    } catch (error) {
      if (attempt === this.attempt) this.fail(String(error));
    }
    return null;
  }

  /** The user may not see the document any more, or there is none. */
  private lose(reason: string): void {
    this.fail(LOST[reason] ?? reason);
    if (!this.host.isOnlyRoad) return;
    this.bar();
    this.host.onAccess();
  }

  private bar(): void {
    this.isWritable = false;
    // Refused before it is followed, and not when something was written into it.
    if (!this.isLive) this.isReadable = false;
  }

  private fail(reason: string, status?: unknown): void {
    console.info(`teaching_nb: no direct way to the hub for a while: ${reason}`);
    this.host.onFail?.(reason, status);
    this.restTimer.start(this.backoff.nextDelay(false));
    this.end();
  }

  /** End the lane; edits that nobody has acknowledged stay with the host. */
  private end(): void {
    if (!this.isRunning) return;
    const wasLive = this.isLive;
    this.isRunning = false;
    this.isLive = false;
    this.attempt += 1;
    this.pumpTimer.cancel();
    this.line.leave(this.document, this);
    if (wasLive) this.host.onSwitch(false);
  }

  /** Nobody needs the lane any more; the connection waits for the answers to what was sent last. */
  stop(): void {
    const hasUnsent = this.isLive && this.host.unacknowledged().length > 0;
    const sent = this.flush();
    this.end();
    this.restTimer.cancel();
    if (hasUnsent) sent.then(() => this.consider());
    else this.consider();
  }
}

/** The oldest edits that fit into one message, at least one. */
export function takeBatch(edits: Edit[]): Edit[] {
  let size = 0;
  const tooMany = edits.findIndex(({ update }, index) => {
    size += update.length;
    return index > 0 && size > LIVE_UPDATE_BYTES;
  });
  return tooMany < 0 ? edits : edits.slice(0, tooMany);
}

/** Whether the document holds insertions that are not in the state vector. */
export function lacks(stateVector: Uint8Array, doc: Y.Doc): boolean {
  const known = Y.decodeStateVector(stateVector);
  const ours = Y.decodeStateVector(Y.encodeStateVector(doc));
  return [...ours].some(([client, clock]) => clock > (known.get(client) ?? 0));
}

/** Why the hub would not take it; empty when it would. */
function tooLarge(update: Uint8Array, doc: Y.Doc): string {
  if (update.length > LIVE_UPDATE_BYTES) return `one change has ${update.length} bytes`;
  const size = sizeNearLimit(doc);
  return size > LIVE_TEXT_BYTES ? `the text has ${size} bytes` : "";
}
