// The connection of this page to the hub, through its Jupyter server; all live documents of the page share it.
// It carries live text only, is made when the first document asks for it, and comes back by itself.
import type { Socket } from "socket.io-client";
import { NOBODY_THERE } from "../schema/closing";
import {
  CHANGED_DOCUMENT,
  CHANGED_RECORD,
  type ChangedDocument,
  CONNECTED_CLIENTS,
  type ConnectedClients,
  DELETED_RECORD,
  DOCUMENT_AWARENESS,
  DOCUMENT_CLOSED,
  DOCUMENT_UPDATE,
  type DocumentClosed,
  FOLLOW_PRESENCE,
  LEAVE_DOCUMENT,
  NEW_RECORD,
  SYNC_DOCUMENT,
} from "../schema/events";
import { Backoff } from "./backoff";
import { type DocumentsListener, FollowedDocuments } from "./followed-documents";
import { bytesIn, inlined } from "./inline";
import { Timer } from "./timer";

const ACK_WITHIN = 5_000;
/** The Jupyter server waits for a hub that has just gone before it says that there is none. */
const CONNECT_WITHIN = 15_000;
/** After a sleep all pages of a class come back at once: not all in the same moment. */
const AWAKE_WITHIN = 500;
/** A connection that lasted so long was a good one: the back-off begins anew. */
const STABLE = 2_000;

/** A document that hears of the connection. */
export interface Follower {
  onUp(): void;
  onDown(): void;
  /** The hub shows a document again that it has refused. */
  onShown?(document: string): void;
}

/** A document that hears what the hub says about it. */
export interface Reader {
  onUpdate(update: Uint8Array): void;
  onAwareness(state: Uint8Array): void;
  onClosed(reason: string): void;
}

/** Hears how many connections there are in which room: that of a person has their id as its name. */
export interface PresenceListener {
  onPresence(counts: [string, number][]): void;
}

/** The part of Socket.IO that is used. */
export type Wire = Pick<Socket, "connect" | "disconnect"> & {
  on(event: string, listener: (payload: never) => void): unknown;
  emit(event: string, payload: unknown, answer?: (ack: unknown) => void): unknown;
};

export interface LineOptions {
  makeWire: () => Promise<Wire>;
  /** Who the hub says we are; raises when it cannot be asked just now, empty when it never can. */
  askUser: () => Promise<string>;
  /** Whether what is sent now can still go out: a connection that is closing tells us so only when it has closed. */
  isOpen?: (wire: Wire) => boolean;
  /** Tells once how the attempt that has just begun, or the connection that it leads to, ends. */
  onEnd?: (wire: Wire, tell: (reason: string) => void) => void;
  random?: () => number;
  now?: () => number;
}

export class HubLine {
  /** Who we are at the hub; empty while there is no connection. */
  user = "";
  private wire: Wire | null = null;
  private isConnecting = false;
  /** What an older connection still waits for does not count any more. */
  private attempt = 0;
  private upSince = 0;
  private readonly timer = new Timer(() => this.connect());
  private readonly followers = new Set<Follower>();
  private readonly readers = new Map<string, Set<Reader>>();
  private readonly presence = new Set<PresenceListener>();
  private readonly followed = new FollowedDocuments((event, payload, answer) => {
    if (this.user && this.wire && this.isOpen(this.wire)) this.wire.emit(event, payload, answer);
  });
  private readonly waiting = new Set<() => void>();
  private readonly isOpen: (wire: Wire) => boolean;
  private readonly random: () => number;
  private readonly now: () => number;
  private readonly backoff: Backoff;

  constructor(private readonly options: LineOptions) {
    this.isOpen = options.isOpen ?? (() => true);
    this.random = options.random ?? Math.random;
    this.now = options.now ?? Date.now;
    this.backoff = new Backoff(this.random, this.now);
  }

  /** Stay connected for this follower. */
  follow(follower: Follower): void {
    this.followers.add(follower);
    this.connect();
  }

  unfollow(follower: Follower): void {
    this.followers.delete(follower);
    // A connection that is just being made is ended once it is there: browsers complain of anything else.
    if (!this.followers.size && this.wire && !this.isConnecting) this.giveUp(this.wire);
  }

  /** The page was asleep or offline, or somebody else has seen the hub: the next attempt comes now. */
  wake(): void {
    if (this.timer.isWaiting) this.timer.start(this.random() * AWAKE_WITHIN);
  }

  /** Send an event; rejects when the connection is lost, or the hub keeps silent: then it is given up. */
  call(event: string, payload: object): Promise<unknown> {
    const { wire } = this;
    if (!wire || !this.user || !this.isOpen(wire))
      return Promise.reject(new Error("not connected to the hub"));
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.waiting.delete(fail);
      };
      const fail = () => {
        settle();
        reject(new Error("the connection to the hub was lost"));
      };
      const timer = setTimeout(() => {
        fail();
        this.giveUp(wire);
      }, ACK_WITHIN);
      this.waiting.add(fail);
      wire.emit(event, inlined(payload), (ack) => {
        settle();
        resolve(ack);
      });
    });
  }

  /** Send an event that nobody answers. */
  emit(event: string, payload: object): void {
    if (this.user && this.wire && this.isOpen(this.wire)) this.wire.emit(event, inlined(payload));
  }

  /** Subscribe to a document and return the hub's answer. */
  sync(id: string, reader: Reader, stateVector: Uint8Array): Promise<unknown> {
    this.readers.set(id, (this.readers.get(id) ?? new Set()).add(reader));
    return this.call(SYNC_DOCUMENT, { id, stateVector });
  }

  leave(id: string, reader: Reader): void {
    const readers = this.readers.get(id);
    if (!readers?.delete(reader) || readers.size) return;
    this.readers.delete(id);
    this.emit(LEAVE_DOCUMENT, { id });
  }

  /** Hear who comes and goes, as far as the user may know; all counts come first, and again after a lost connection. */
  followPresence(listener: PresenceListener): void {
    this.presence.add(listener);
    this.emit(FOLLOW_PRESENCE, { on: true });
  }

  unfollowPresence(listener: PresenceListener): void {
    if (this.presence.delete(listener) && !this.presence.size) this.emit(FOLLOW_PRESENCE, { on: false });
  }

  /** Hear of all that somebody has, whom the user looks after; without being taken for somebody who is with them. */
  followDocuments(user: string, listener: DocumentsListener): void {
    this.followed.followPerson(user, listener);
  }

  unfollowDocuments(user: string, listener: DocumentsListener): void {
    this.followed.unfollowPerson(user, listener);
  }

  /** Whether what somebody has is told to this page; else it has to ask. */
  hearsDocuments(user: string): boolean {
    return this.followed.hearsPerson(user);
  }

  /** Hear of all that happens below a root, whoever does it, as far as the user may see it. */
  followRoot(root: string, listener: DocumentsListener): void {
    this.followed.followRoot(root, listener);
  }

  unfollowRoot(root: string, listener: DocumentsListener): void {
    this.followed.unfollowRoot(root, listener);
  }

  /** Whether what happens below a root is told to this page; else it has to ask. */
  hearsRoot(root: string): boolean {
    return this.followed.hearsRoot(root);
  }

  /** What another cell of this page shows of the same document: the hub does not echo to our socket. */
  *siblings(id: string, reader: Reader): Iterable<Reader> {
    for (const other of this.readers.get(id) ?? []) if (other !== reader) yield other;
  }

  /** End the connection; one that is closing already takes no farewell. */
  private giveUp(wire: Wire): void {
    if (this.isOpen(wire)) wire.disconnect();
  }

  private async connect(): Promise<void> {
    if (this.isConnecting || this.user || this.timer.isWaiting || !this.followers.size) return;
    this.isConnecting = true;
    this.attempt += 1;
    try {
      this.wire ??= this.wired(await this.options.makeWire());
      this.wire.connect();
      this.options.onEnd?.(this.wire, this.earlyEnd(this.wire));
    } catch (error) {
      console.info("teaching_nb: no direct connection to the hub", error);
      this.down();
    }
  }

  /** Socket.IO says nothing of a connection that is closed before its first word, and waits for it until time is up. */
  private earlyEnd(wire: Wire): (reason: string) => void {
    const { attempt } = this;
    return (reason) => {
      if (attempt !== this.attempt || !this.isConnecting) return;
      this.down(reason === NOBODY_THERE);
      wire.disconnect();
    };
  }

  private wired(wire: Wire): Wire {
    wire.on("connect", () => this.introduce(wire));
    wire.on("connect_error", (error) => this.down(isNobodyThere(error)));
    wire.on("disconnect", () => this.down());
    wire.on(DOCUMENT_UPDATE, (payload) => this.hear(payload, "update", (r, bytes) => r.onUpdate(bytes)));
    wire.on(DOCUMENT_AWARENESS, (payload) => this.hear(payload, "state", (r, bytes) => r.onAwareness(bytes)));
    wire.on(CONNECTED_CLIENTS, ({ rooms }: ConnectedClients) => {
      for (const listener of [...this.presence]) listener.onPresence(rooms);
    });
    wire.on(CHANGED_DOCUMENT, (change: ChangedDocument) => {
      for (const listener of this.followed.listeners) listener.onDocument(change);
    });
    for (const event of [NEW_RECORD, CHANGED_RECORD, DELETED_RECORD])
      wire.on(event, ({ type }: { type: string }) => {
        for (const listener of type === "Document" ? this.followed.listeners : []) listener.onDocuments();
      });
    wire.on(DOCUMENT_CLOSED, ({ id, reason }: DocumentClosed) => {
      for (const reader of [...(this.readers.get(id) ?? [])]) reader.onClosed(reason);
      if (reason === "resync") for (const follower of [...this.followers]) follower.onShown?.(id);
    });
    return wire;
  }

  private async introduce(wire: Wire): Promise<void> {
    const { attempt } = this;
    const isLate = () => attempt !== this.attempt || !this.isConnecting;
    try {
      const user = await this.options.askUser();
      if (isLate()) return;
      this.user = user;
      this.isConnecting = false;
      this.upSince = this.now();
      for (const follower of [...this.followers]) follower.onUp();
      if (this.presence.size) this.emit(FOLLOW_PRESENCE, { on: true });
      this.followed.askAgain();
    } catch {
      if (isLate()) return;
      wire.disconnect();
    }
    // Nobody may be left to want it, or nobody is known behind it.
    if (!this.user || !this.followers.size) wire.disconnect();
  }

  private hear(
    payload: { id: string } & Record<string, ArrayBuffer | string>,
    key: string,
    tell: (reader: Reader, bytes: Uint8Array) => void,
  ): void {
    const bytes = bytesIn(payload[key]);
    for (const reader of bytes ? [...(this.readers.get(payload.id) ?? [])] : [])
      tell(reader, bytes as Uint8Array);
  }

  private down(isAbsent = false): void {
    const wasUp = this.user !== "";
    if (wasUp && this.now() - this.upSince > STABLE) this.backoff.reset();
    this.user = "";
    this.followed.end();
    this.isConnecting = false;
    for (const fail of [...this.waiting]) fail();
    if (wasUp) for (const follower of [...this.followers]) follower.onDown();
    if (!this.timer.isWaiting && this.followers.size) this.timer.start(this.backoff.nextDelay(isAbsent));
  }
}

/** The way to the hub ended before the hub had to do anything: neither its refusal nor its silence. */
function isNobodyThere(error: { type?: unknown }): boolean {
  return error?.type === "TransportError";
}

/**
 * The connections of this page, by where they lead. Widgets and the JupyterLab extension are bundled apart and share
 * them; the name changes when a `HubLine` of another version could not be used.
 */
const LINES = Symbol.for("teaching_nb hub lines 5");

/** The line of this page; null where the bundle did not come from a Jupyter server with our extension. */
export function hubLine(bundle = import.meta.url): HubLine | null {
  return /^https?:.*\/teaching\/static\//.test(bundle) ? sharedLine(bundle) : null;
}

/** The one line of this page through the Jupyter server that a bundle came from. */
export function sharedLine(bundle: string): HubLine {
  const page = globalThis as { [LINES]?: Map<string, HubLine> };
  page[LINES] ??= new Map();
  const root = new URL("../", bundle).href;
  const line = page[LINES].get(root) ?? lineTo(bundle);
  page[LINES].set(root, line);
  return line;
}

/** What of Engine.IO has no other name: the state of the WebSocket itself, and why it was closed. */
interface Transporting {
  io?: {
    engine?: {
      transport?: { ws?: WebSocket };
      once?: (event: "close", listener: (what: string, why?: { context?: CloseEvent }) => void) => void;
    };
  };
}

function canSend(wire: Wire): boolean {
  const state = (wire as Transporting).io?.engine?.transport?.ws?.readyState;
  return state === undefined || state < WebSocket.CLOSING;
}

function hearEnd(wire: Wire, tell: (reason: string) => void): void {
  (wire as Transporting).io?.engine?.once?.("close", (_what, why) => tell(why?.context?.reason ?? ""));
}

/** The line through the Jupyter server that a bundle came from. */
export function lineTo(bundle: string): HubLine {
  const root = new URL("../", bundle);
  return new HubLine({
    isOpen: canSend,
    onEnd: hearEnd,
    askUser: async () => {
      const signal = AbortSignal.timeout(ACK_WITHIN);
      const answer = await fetch(new URL("api/v1/user", root), { credentials: "same-origin", signal });
      if (!answer.ok) throw new Error(`the hub answers with status ${answer.status}`);
      const user: unknown = (await answer.json())?.id;
      return typeof user === "string" ? user : "";
    },
    makeWire: async () => {
      const { io } = await import("./socket-io");
      return io(root.origin, {
        path: `${root.pathname}socket.io/`,
        transports: ["websocket"],
        // Not one of the person's devices: it is in no room and not counted.
        auth: { only: "documents", inline: true },
        autoConnect: false,
        reconnection: false,
        timeout: CONNECT_WITHIN,
      });
    },
  });
}
