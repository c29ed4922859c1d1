// The kernel's half of the live text protocol on a real Y.Doc; delivery of each direction can be held back.
import * as Y from "yjs";
import type { FakeModel, Sent } from "./fake-model";

export class FakeKernel {
  doc = new Y.Doc();
  epoch = 0;
  number = 0;
  /** While true, messages of the page wait, as behind a running cell. */
  isBusy = false;
  /** While true, messages of the page get lost. */
  isDeaf = false;
  private readonly inbox: Sent[] = [];

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
    for (let sent = this.inbox.shift(); sent; sent = this.inbox.shift()) this.take(sent);
  }

  /** Somebody else edits; `isLost` is a message that the browser never gets. */
  edit(at: number, text: string, { isLost = false } = {}): void {
    const before = Y.encodeStateVector(this.doc);
    this.shared.insert(at, text);
    this.number += 1;
    const content = { kind: "update", epoch: this.epoch, number: this.number };
    if (!isLost) this.model.receive(content, [Y.encodeStateAsUpdate(this.doc, before)]);
  }

  beat(): void {
    this.model.receive({ kind: "beat", number: this.number });
  }

  /** The document is replaced by another with this text. */
  replace(text: string): void {
    this.doc = new Y.Doc();
    this.epoch += 1;
    this.fill(text);
    this.model.receive({ kind: "reset", epoch: this.epoch });
  }

  private fill(text: string): void {
    this.doc.getMap("data").set("code", new Y.Text(text));
  }

  private take({ content, buffers }: Sent): void {
    const { kind, peer, epoch, seq } = content;
    const [bytes] = buffers;
    if (kind === "hello" && bytes) {
      const known = epoch === this.epoch ? bytes : new Uint8Array([0]);
      const answer = { kind: "sync", to: peer, epoch: this.epoch, number: this.number };
      this.model.receive(answer, [Y.encodeStateAsUpdate(this.doc, known), Y.encodeStateVector(this.doc)]);
    } else if (kind === "update" && bytes) {
      if (epoch === this.epoch) Y.applyUpdate(this.doc, bytes);
      this.model.receive({ kind: "received", to: peer, epoch, seq });
    }
  }
}
