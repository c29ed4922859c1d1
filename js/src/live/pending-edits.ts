// Edits of this page that nobody else has acknowledged, numbered, oldest first; and what the document was
// without them.
import * as Y from "yjs";
import type { Unsent } from "./carrying";

export interface Edit {
  seq: number;
  update: Uint8Array;
}

interface Pending {
  update: Uint8Array;
  since: number;
  /** The document that the edit was made to. */
  epoch: number;
}

export class PendingEdits {
  /** Number of the newest edit. */
  seq = 0;
  private readonly edits = new Map<number, Pending>();
  private confirmed = new Y.Doc();
  private epoch = -1;

  get size(): number {
    return this.edits.size;
  }

  /** All edits up to this one have been taken. */
  get takenUpTo(): number {
    const [oldest] = this.edits.keys();
    return oldest === undefined ? this.seq : oldest - 1;
  }

  /** How long the oldest one has been waiting. */
  age(now: number): number {
    const [oldest] = this.edits.values();
    return oldest === undefined ? 0 : now - oldest.since;
  }

  add(update: Uint8Array, since: number): number {
    this.seq += 1;
    this.edits.set(this.seq, { update, since, epoch: this.epoch });
    return this.seq;
  }

  clear(): void {
    this.edits.clear();
  }

  /** Those of the present document. */
  present(): Edit[] {
    const present = [...this.edits].filter(([, { epoch }]) => epoch === this.epoch);
    return present.map(([seq, { update }]) => ({ seq, update }));
  }

  /** The document has changed without our doing. */
  applyRemote(update: Uint8Array): void {
    Y.applyUpdate(this.confirmed, update);
  }

  /** This one has been taken; false when that is no news. */
  confirm(seq: number, epoch: number): boolean {
    const taken = this.edits.get(seq);
    if (taken?.epoch !== epoch) return false;
    if (epoch === this.epoch) Y.applyUpdate(this.confirmed, taken.update);
    return this.edits.delete(seq);
  }

  confirmUpTo(last: number): void {
    for (const [seq, { epoch }] of [...this.edits]) if (seq <= last) this.confirm(seq, epoch);
  }

  /** Forget those up to `last`: they are sent anew as one. Returns when the oldest was made, if there was one. */
  takeUpTo(last: number): number | undefined {
    return this.take((seq) => seq <= last);
  }

  /**
   * Forget those up to `last`, which were lost, and those behind `held`, which were never sent; returns them and the
   * document as it is without them, null if there were none.
   *
   * Those that are still on their way are carried over by whoever gets them.
   */
  takeUnsent(last: number, held: number): Unsent | null {
    const isUnsent = (seq: number) => seq <= last || seq > held;
    const updates = this.present().flatMap(({ seq, update }) => (isUnsent(seq) ? [update] : []));
    if (this.take(isUnsent) === undefined) return null;
    const base = new Y.Doc();
    Y.applyUpdate(base, Y.encodeStateAsUpdate(this.confirmed));
    for (const { update } of this.present()) Y.applyUpdate(base, update);
    return { base, updates };
  }

  private take(isTaken: (seq: number) => boolean): number | undefined {
    const [oldest] = this.edits.values();
    const taken = [...this.edits.keys()].filter(isTaken);
    for (const seq of taken) this.edits.delete(seq);
    return taken.length ? oldest?.since : undefined;
  }

  /** The document as it is without those edits. */
  get confirmedDocument(): Uint8Array {
    return Y.encodeStateAsUpdate(this.confirmed);
  }

  /** The text with this key as it is without those edits. */
  confirmedText(key: string): string {
    const text = this.confirmed.getMap("data").get(key);
    return text instanceof Y.Text ? text.toString() : "";
  }

  /** The document is replaced by another. */
  startAnew(epoch: number): void {
    this.epoch = epoch;
    this.confirmed = new Y.Doc();
  }
}
