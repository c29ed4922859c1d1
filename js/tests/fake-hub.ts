// The hub's half of live text on a real Y.Doc, and the wires of any number of pages to it.
import * as Y from "yjs";
import { HubLine, type Wire } from "../src/live/hub-line";
import { bytesIn } from "../src/live/inline";

const BYTES = new Set(["update", "state", "stateVector"]);

type Listener = (payload: never) => void;

export interface Asked {
  event: string;
  payload: { id: string; update?: Uint8Array; state?: Uint8Array; stateVector?: Uint8Array };
}

export class FakeWire implements Wire {
  readonly asked: Asked[] = [];
  isConnected = false;
  private readonly listeners = new Map<string, Listener>();

  constructor(private readonly hub: FakeHub) {}

  connect(): never {
    queueMicrotask(() => {
      this.isConnected = this.hub.isAlive;
      if (this.isConnected) this.tell("connect", {});
      else this.tell("connect_error", { type: "TransportError" });
    });
    return this as never;
  }

  disconnect(): never {
    if (this.isConnected) {
      this.isConnected = false;
      this.tell("disconnect", {});
    }
    return this as never;
  }

  on(event: string, listener: Listener): void {
    this.listeners.set(event, listener);
  }

  emit(event: string, sent: Record<string, unknown> | string, answer?: (ack: unknown) => void): void {
    if (typeof sent === "string") {
      this.asked.push({ event, payload: { id: sent } });
      if (event === "JOIN_ROOM") answer?.(this.hub.letsIn);
      return;
    }
    const parts = Object.entries(sent).map(([key, value]) => [key, BYTES.has(key) ? bytesIn(value) : value]);
    const payload = Object.fromEntries(parts) as Asked["payload"];
    this.asked.push({ event, payload });
    this.hub.take({ event, payload }, this, answer);
  }

  tell(event: string, payload: object): void {
    this.listeners.get(event)?.(payload as never);
  }

  askedOf(event: string): Asked[] {
    return this.asked.filter((asked) => asked.event === event);
  }
}

export class FakeHub {
  readonly doc = new Y.Doc();
  user = "u1";
  isAlive = true;
  /** While true, edits wait for their answer. */
  isSlow = false;
  /** What edits are refused with. */
  refusal = "";
  access = "RW_User";
  /** Why the hub can make no text of what the document holds. */
  unfit = "";
  /** Whether pages may be in the room of a root, and follow people. */
  letsIn = true;
  /** A client id whose edits are refused, for somebody else has written under it. */
  private forged = -1;
  /** While true, nothing that pages send arrives: connections that are dead without having ended. */
  isDeaf = false;
  /** Keeps the answer to the question who a page is. */
  whoAsks: Promise<void> = Promise.resolve();
  readonly wires: FakeWire[] = [];
  private readonly held: (() => void)[] = [];

  constructor(private readonly document = "d1") {}

  get text(): string {
    return (this.doc.getMap("data").get("code") as Y.Text).toString();
  }

  line(): HubLine {
    return new HubLine({
      askUser: async () => {
        const { user } = this;
        await this.whoAsks;
        return user;
      },
      makeWire: async () => {
        const wire = new FakeWire(this);
        this.wires.push(wire);
        return wire;
      },
      random: () => 0.5,
      now: Date.now,
    });
  }

  /** The same document as the kernel's. */
  adopt(doc: Y.Doc): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(doc));
  }

  die(): void {
    this.isAlive = false;
    this.held.length = 0;
    for (const wire of this.wires) wire.disconnect();
  }

  answer(): void {
    this.isSlow = false;
    for (const send of this.held.splice(0)) send();
  }

  /** Somebody else edits; `isLost` is an edit that the pages are not told about. */
  edit(at: number, text: string, { isLost = false } = {}): void {
    const before = Y.encodeStateVector(this.doc);
    (this.doc.getMap("data").get("code") as Y.Text).insert(at, text);
    if (!isLost) this.broadcast(Y.encodeStateAsUpdate(this.doc, before), null);
  }

  /** Somebody else takes something out. */
  remove(at: number, length: number): void {
    const before = Y.encodeStateVector(this.doc);
    (this.doc.getMap("data").get("code") as Y.Text).delete(at, length);
    this.broadcast(Y.encodeStateAsUpdate(this.doc, before), null);
  }

  /** Somebody writes under another's client id; pages are told only if `isTold`. */
  forge(clientID: number, at: number, text: string, { isTold = false } = {}): void {
    const before = Y.encodeStateVector(this.doc);
    const forger = new Y.Doc();
    Y.applyUpdate(forger, Y.encodeStateAsUpdate(this.doc));
    forger.clientID = clientID;
    (forger.getMap("data").get("code") as Y.Text).insert(at, text);
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(forger));
    this.forged = clientID;
    if (isTold) this.broadcast(Y.encodeStateAsUpdate(this.doc, before), null);
  }

  take({ event, payload }: Asked, wire: FakeWire, answer?: (ack: unknown) => void): void {
    if (this.isDeaf) return;
    if (event === "SYNC_DOCUMENT" && this.unfit) {
      answer?.({ ok: false, error: { name: "InvalidInput", message: this.unfit, status: 400 } });
    } else if (event === "SYNC_DOCUMENT" && this.access.startsWith("None")) {
      answer?.({ ok: false, error: { name: "Forbidden", message: this.refusal, status: 403 } });
    } else if (event === "SYNC_DOCUMENT") {
      const update = buffer(Y.encodeStateAsUpdate(this.doc, payload.stateVector));
      const stateVector = buffer(Y.encodeStateVector(this.doc));
      answer?.({ ok: true, update, stateVector, access: this.access, revision: 1 });
    } else if (event === "FOLLOW_DOCUMENTS") {
      answer?.(this.letsIn);
    } else if (event === "UPDATE_DOCUMENT" && payload.update) {
      const { update } = payload;
      if (this.isSlow) this.held.push(() => this.store(update, wire, answer));
      else this.store(update, wire, answer);
    }
  }

  private store(update: Uint8Array, wire: FakeWire, answer?: (ack: unknown) => void): void {
    if (this.refusal) {
      answer?.({ ok: false, error: { name: "Forbidden", message: this.refusal, status: 403 } });
      return;
    }
    if (Y.parseUpdateMeta(update).to.has(this.forged)) {
      answer?.({ ok: false, error: { name: "CONFLICT", message: "names are taken", status: 409 } });
      return;
    }
    Y.applyUpdate(this.doc, update);
    answer?.({ ok: true, revision: 2 });
    this.broadcast(update, wire);
  }

  private broadcast(update: Uint8Array, except: FakeWire | null): void {
    for (const wire of this.wires)
      if (wire !== except && wire.isConnected)
        wire.tell("DOCUMENT_UPDATE", { id: this.document, update: buffer(update) });
  }
}

/** Socket.IO hands out buffers of their own. */
function buffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
