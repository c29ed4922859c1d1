// The kernel's half of the live text protocol on a real Y.Doc; delivery of each direction can be held back.
import * as Y from "yjs";
import { difference, rebase } from "../src/text/rebase";
import type { FakeModel, Sent } from "./fake-model";

export class FakeKernel {
  doc = new Y.Doc();
  epoch = 0;
  number = 0;
  /** While true, messages of the page wait, as behind a running cell. */
  isBusy = false;
  /** While true, messages of the page get lost. */
  isDeaf = false;
  /** While true, what the kernel says is dropped, as behind a flood of output. */
  isMuted = false;
  /** Late edits of a replaced document are kept with the version that they belong to, which is this. */
  version: string | null = null;
  isKeepingVersions = false;
  /** The hub's document, which takes the place of this one when a page asks for that. */
  hub: Y.Doc | null = null;
  /** What the hub has, as far as that differs. */
  stored: string | null = null;
  private readonly inbox: Sent[] = [];
  private isWorking = false;
  /** The epoch of the document that was replaced by the hub's. */
  private renewed = -1;
  private replaced: Y.Doc | null = null;
  private readonly taken = new Map<unknown, number>();

  constructor(
    private readonly model: FakeModel,
    text: string,
  ) {
    this.fill(text);
    model.onSend = (sent) => {
      if (this.isDeaf) return;
      this.inbox.push(sent);
      if (!this.isBusy) this.work();
    };
  }

  get text(): string {
    return this.shared.toString();
  }

  private get shared(): Y.Text {
    return this.doc.getMap("data").get("code") as Y.Text;
  }

  work(): void {
    this.isBusy = false;
    // What a page answers comes after everything that it has sent before.
    if (this.isWorking) return;
    this.isWorking = true;
    for (let sent = this.inbox.shift(); sent; sent = this.inbox.shift()) this.take(sent);
    this.isWorking = false;
  }

  /** Somebody else edits; `isLost` is a message that the browser never gets. */
  edit(at: number, text: string, { isLost = false } = {}): void {
    const before = Y.encodeStateVector(this.doc);
    this.shared.insert(at, text);
    this.tell(before, isLost);
  }

  heartbeat(): void {
    this.say({ kind: "heartbeat", number: this.number });
  }

  /** The document is replaced by another with this text. */
  replace(text: string): void {
    this.replaced = this.doc;
    this.doc = new Y.Doc();
    this.epoch += 1;
    this.fill(text);
    this.say({ kind: "reset", epoch: this.epoch });
  }

  /** It starts over with the hub's document, in which its own edits stay what they are. */
  renew(): void {
    if (!this.hub) return;
    this.renewed = this.epoch;
    const ours = this.doc;
    this.doc = new Y.Doc();
    for (const doc of [this.hub, ours]) Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(doc));
    this.epoch += 1;
    this.say({ kind: "reset", epoch: this.epoch });
  }

  /** An edit of the document before this one, which is the same one: it has its names. */
  private takeLate(update: Uint8Array): void {
    const before = Y.encodeStateVector(this.doc);
    Y.applyUpdate(this.doc, update);
    this.tell(before);
  }

  /** The hub tells it what it has. */
  hear(hub: Y.Doc): void {
    const before = Y.encodeStateVector(this.doc);
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(hub, before));
    this.tell(before);
  }

  private say(content: Record<string, unknown>, buffers: Uint8Array[] = []): void {
    if (!this.isMuted) this.model.receive(content, buffers);
  }

  private tell(before: Uint8Array, isLost = false): void {
    this.number += 1;
    const content = { kind: "update", epoch: this.epoch, number: this.number };
    if (!isLost) this.say(content, [Y.encodeStateAsUpdate(this.doc, before)]);
  }

  private fill(text: string): void {
    this.doc.getMap("data").set("code", new Y.Text(text));
  }

  private take({ content, buffers }: Sent): void {
    const { kind, peer, epoch, seq } = content;
    const [bytes] = buffers;
    if (kind === "sync_request" && bytes) {
      const known = epoch === this.epoch ? bytes : new Uint8Array([0]);
      const counts = { number: this.number, taken: this.taken.get(peer) ?? 0, sent: seq };
      const answer = { kind: "sync", to: peer, epoch: this.epoch, ...counts };
      this.say(answer, [Y.encodeStateAsUpdate(this.doc, known), Y.encodeStateVector(this.doc)]);
    } else if (kind === "update" && bytes) {
      this.taken.set(peer, Number(seq));
      if (epoch === this.epoch) Y.applyUpdate(this.doc, bytes);
      else if (this.renewed === epoch) this.takeLate(bytes);
      else if (this.replaced && epoch === this.epoch - 1) this.carryOver(this.replaced, bytes);
      this.say({ kind: "received", to: peer, epoch, seq });
    } else if (kind === "renew" && epoch === this.epoch) {
      this.renew();
    } else if (kind === "discard") {
      this.replace(this.stored ?? this.text);
      this.replaced = null;
    }
  }

  /** An edit that was on its way to the document before this one. */
  private carryOver(replaced: Y.Doc, update: Uint8Array): void {
    const old = replaced.getMap("data").get("code") as Y.Text;
    const before = old.toString();
    Y.applyUpdate(replaced, update);
    if (this.isKeepingVersions) {
      this.version = old.toString();
      return;
    }
    const span = difference(this.text, rebase(before, old.toString(), this.text));
    const known = Y.encodeStateVector(this.doc);
    this.shared.delete(span.from, span.to - span.from);
    this.shared.insert(span.from, span.insert);
    this.tell(known);
  }
}
