// The road through the kernel: what a live text says and hears over the comm. The kernel numbers its messages, so that a
// lost one is noticed; the question what it knows (`sync_request`) is asked again until it is answered.
import * as Y from "yjs";
import type { Channel, Incoming } from "../jupyter/channel";
import type { Report } from "./pending-reports";
import { Timer } from "./timer";

const ASK_AGAIN = 15_000;
/** So long an answer is good enough for whoever wants to compare. */
const FRESH = 2_000;

/** The document as it is now. */
export interface Present {
  doc: Y.Doc;
  epoch: number;
  /** Number of the newest edit. */
  seq: number;
  /** Somebody on this page looks. */
  isOpen: boolean;
  isSynced: boolean;
  hasLane: boolean;
}

/** The kernel's answer to a sync request. */
export interface Answer {
  epoch: number;
  /** The newest edit that it has taken, and the newest one that there was when it was asked. */
  taken: number;
  sent: number;
  /** What we lack, and how much it knows. */
  update: Uint8Array;
  kernelKnows: Uint8Array;
}

/** The document on this page. */
export interface CommHost {
  present(): Present;
  sync(answer: Answer): void;
  applyRemote(update: Uint8Array): void;
  /** The kernel has got this edit. */
  confirm(epoch: number, seq: number): void;
  /** The kernel's document is of this epoch from now on. */
  reset(epoch: number): void;
  applyAwareness(state: Uint8Array): void;
  /** The kernel asks where our cursor is. */
  showAwareness(): void;
}

export class CommRoad {
  /** Number of the kernel's last message about the document. */
  private number = 0;
  /** Nothing before the first time. */
  private askedAt = 0;
  private isAnswered = true;
  private readonly timer = new Timer(() => {
    if (this.host.present().isOpen && !this.isAnswered) this.requestSync();
  });

  constructor(
    private readonly channel: Channel,
    private readonly host: CommHost,
    private readonly now: () => number,
  ) {
    channel.receive((message, buffers) => this.receive(message, buffers));
  }

  /** How long it has been asking for the text. */
  get askingFor(): number {
    const { isOpen, isSynced } = this.host.present();
    return isSynced || !isOpen || !this.askedAt ? 0 : this.now() - this.askedAt;
  }

  open(): void {
    if (!this.host.present().isSynced) this.askedAt = this.now();
    this.requestSync();
  }

  /** Nobody asks any more. */
  stop(): void {
    this.timer.cancel();
  }

  requestSync(): void {
    const { doc, epoch, seq, isSynced } = this.host.present();
    // Without a text it counts since when it has been asked for.
    this.askedAt = isSynced ? this.now() : this.askedAt || this.now();
    this.isAnswered = false;
    this.send("sync_request", { epoch, seq }, [Y.encodeStateVector(doc)]);
    this.timer.start(ASK_AGAIN);
  }

  /** Ask, unless that is under way or has just been answered. */
  compare(): void {
    const isFresh = this.now() - this.askedAt < (this.isAnswered ? FRESH : ASK_AGAIN);
    if (!isFresh) this.requestSync();
  }

  sendEdit(seq: number, update: Uint8Array): void {
    this.send("update", { epoch: this.host.present().epoch, seq }, [update]);
  }

  /** Send the whole text, for the kernel may lack what edits build on. */
  sendAll(): void {
    const { doc, seq } = this.host.present();
    this.sendEdit(seq, Y.encodeStateAsUpdate(doc));
  }

  sendAwareness(state: Uint8Array): void {
    this.send("awareness", {}, [state]);
  }

  tellLane(isLive: boolean): void {
    this.send("lane", { on: isLive });
  }

  reportPending(report: Report): void {
    this.send("pending_report", { ...report });
  }

  renew(): void {
    this.send("renew", { epoch: this.host.present().epoch });
  }

  discard(): void {
    this.channel.send("discard");
  }

  leave(): void {
    this.stop();
    this.send("leave", {});
  }

  private receive(message: Incoming, buffers: Uint8Array[]): void {
    const { host } = this;
    const [first, second] = buffers;
    const [epoch, number] = [Number(message.epoch), Number(message.number)];
    switch (message.kind) {
      case "sync":
        if (first && second) this.takeAnswer(message, first, second);
        break;
      case "update":
        if (first) this.takeUpdate(epoch, number, first);
        break;
      case "received":
        host.confirm(epoch, Number(message.seq));
        break;
      case "heartbeat":
        if (number !== this.number && !host.present().hasLane) this.requestSync();
        break;
      case "reset":
        host.reset(epoch);
        break;
      case "awareness":
        if (first && message.from !== this.channel.peer && !host.present().hasLane)
          host.applyAwareness(first);
        break;
      case "awareness_query":
        if (!host.present().hasLane) host.showAwareness();
        break;
    }
  }

  private takeAnswer(message: Incoming, update: Uint8Array, kernelKnows: Uint8Array): void {
    this.isAnswered = true;
    this.number = Number(message.number);
    const { epoch, taken, sent } = message;
    this.host.sync({ epoch: Number(epoch), taken: Number(taken), sent: Number(sent), update, kernelKnows });
  }

  private takeUpdate(epoch: number, number: number, update: Uint8Array): void {
    const present = this.host.present();
    // With a lane, what the kernel has and the hub has not would make our next edits unintelligible to the hub.
    if (!present.isSynced || present.hasLane) return;
    const isNext = epoch === present.epoch && number === this.number + 1;
    if (epoch === present.epoch) {
      this.host.applyRemote(update);
      this.number = number;
    }
    if (!isNext) this.requestSync();
  }

  private send(kind: string, content: Record<string, unknown>, buffers: Uint8Array[] = []): void {
    this.channel.send(kind, { peer: this.channel.peer, ...content }, buffers);
  }
}
