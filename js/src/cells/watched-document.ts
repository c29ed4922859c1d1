// A document that is no live text and is watched beside the notebook: what the hub has of it, as it changes. Nothing of
// it is ever written.

import type { Related } from "../document/look";
import { isObject } from "../document/objects";
import { Backoff } from "../live/backoff";
import type { DocumentsListener } from "../live/followed-documents";
import type { Follower, HubLine } from "../live/hub-line";
import { Listeners } from "../live/listeners";
import { Timer } from "../live/timer";
import type { ChangedDocument } from "../schema/events";
import type { Document } from "../schema/records";
import { phrase } from "../text/words";
import { advising } from "./advising";
import { type ListedUser, userName } from "./class-list";
import { Refusal } from "./refusal";
import type { Phase } from "./shown-text";

/** Whether it may still be seen is not told: it is asked for (ms). */
const AGAIN = 5_000;
/** What others write below it is asked for so often where the hub does not tell it, and where it does, to be safe. */
const OTHERS_AGAIN = 2_000;
const OTHERS_TOLD = 60_000;
/** What happens at once is asked for once (ms). */
const SOON = 300;

/** What is asked of the hub. */
export interface WatchingHub {
  line: HubLine;
  /** A document, null where it is not there or not to be seen. */
  document(id: string): Promise<Document | null>;
  /** The documents of a person below a root, and those of others there that the user may read. */
  documentsAt(root: string, author: string): Promise<Document[]>;
  /** Whether a person only reads below a root: what is there in their name, staff have written. */
  isOfStaff(root: string): Promise<boolean>;
  users(): Promise<ListedUser[]>;
}

function textAt(data: unknown, key: string): string {
  const value = isObject(data) ? data[key] : "";
  return typeof value === "string" ? value : "";
}

export interface WatchedDocumentOptions {
  id: string;
  hub: WatchingHub;
  random?: () => number;
  now?: () => number;
}

export class WatchedDocument implements Follower, DocumentsListener {
  phase: Phase = "opening";
  /** Why it is not shown. */
  words = "";
  /** What can be done about that. */
  advice = "";
  document: Document | null = null;
  /** Documents that have to do with it, when they are wanted; oldest first. */
  related: Related[] = [];
  private wantsRelated = false;
  private names = new Map<string, string>();
  private author = "";
  private root = "";
  /** When the documents that have to do with it are to be asked for. */
  private othersDue = 0;
  private readonly now: () => number;
  private isAsking = false;
  private isOlder = false;
  private readonly life = new AbortController();
  private readonly listeners = new Listeners();
  private readonly backoff: Backoff;
  private readonly timer = new Timer(() => void this.load());

  constructor(private readonly options: WatchedDocumentOptions) {
    this.now = options.now ?? Date.now;
    this.backoff = new Backoff(options.random ?? Math.random, this.now);
    options.hub.line.follow(this);
    void this.load();
  }

  /** Whether what is shown is what the hub has. */
  get isLive(): boolean {
    return this.phase === "open" && this.options.hub.line.user !== "";
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** Ask for the documents that have to do with it as well. */
  wantRelated(): void {
    if (this.wantsRelated) return;
    this.wantsRelated = true;
    if (this.document) this.follow(this.document);
    this.soon();
  }

  onUp(): void {
    this.soon();
    this.listeners.tell();
  }

  onDown(): void {
    this.listeners.tell();
  }

  onDocument({ data, id, revision, updatedAt }: ChangedDocument): void {
    this.isOlder = true;
    if (this.document && id === this.document.id && updatedAt >= this.document.updatedAt)
      this.document = { ...this.document, data, updatedAt, ...(revision === undefined ? {} : { revision }) };
    this.related = this.related.map((one) => (one.id === id ? { ...one, data } : one));
    this.listeners.tell();
  }

  onDocuments(): void {
    this.isOlder = true;
    this.othersDue = 0;
    this.soon();
  }

  /** The page was asleep or offline. */
  wake(): void {
    this.soon();
  }

  dispose(): void {
    if (this.life.signal.aborted) return;
    this.life.abort();
    this.timer.cancel();
    const { line } = this.options.hub;
    if (this.author) line.unfollowDocuments(this.author, this);
    if (this.root) line.unfollowRoot(this.root, this);
    line.unfollow(this);
  }

  private soon(): void {
    this.othersDue = 0;
    if (!this.isAsking && !this.life.signal.aborted) this.timer.start(SOON);
  }

  private async load(): Promise<void> {
    this.isAsking = true;
    this.isOlder = false;
    try {
      const document = await this.options.hub.document(this.options.id);
      const isDue = this.wantsRelated && this.now() >= this.othersDue;
      const related = document && isDue ? await this.ask(document) : this.related;
      if (!this.life.signal.aborted) this.take(document, related);
    } catch (error) {
      this.failed(error);
    }
    this.isAsking = false;
    this.listeners.tell();
  }

  private take(document: Document | null, related: Related[]): void {
    this.backoff.reset();
    this.phase = document ? "open" : "refused";
    this.words = document ? "" : phrase("this document does not exist, or you may not see it");
    if (document) this.advice = "";
    else this.advise(404);
    // What may not be seen any more is shown no longer.
    [this.document, this.related] = document ? [document, related] : [null, []];
    if (document) this.follow(document);
    const isTold = !this.wantsRelated || this.options.hub.line.hearsRoot(this.root);
    this.timer.start(this.isOlder ? SOON : isTold ? AGAIN : OTHERS_AGAIN);
  }

  /** Hear of what the author has, and of what others write beside it where that is wanted. */
  private follow({ authorId, documentRootId }: Document): void {
    const { line } = this.options.hub;
    if (!this.author) {
      this.author = authorId;
      line.followDocuments(authorId, this);
    }
    if (!this.wantsRelated || this.root) return;
    this.root = documentRootId;
    line.followRoot(documentRootId, this);
  }

  private async ask(document: Document): Promise<Related[]> {
    const { authorId, documentRootId, id } = document;
    const { hub } = this.options;
    this.othersDue = this.now() + (hub.line.hearsRoot(documentRootId) ? OTHERS_TOLD : OTHERS_AGAIN);
    const found = await hub.documentsAt(documentRootId, authorId);
    // What a comment is about may lie elsewhere, with more that belongs to the comment beside it.
    const place = await this.placeOfAbout(document);
    if (place) found.push(...(await hub.documentsAt(place, authorId)));
    const isOfStaff = place !== null && (await hub.isOfStaff(documentRootId));
    const writerOf = (one: Document) =>
      (isOfStaff && one.documentRootId === documentRootId && textAt(one.data, "writer")) || one.authorId;
    const isBelow = (one: Document) => one.parentId === id || textAt(one.data, "thread") === id;
    if (found.some((one) => !this.names.has(writerOf(one))))
      this.names = new Map((await hub.users()).map((user) => [user.id, userName(user)]));
    return found
      .filter((one) => one.id !== id && (isBelow(one) || one.authorId === authorId))
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
      .map((one) => ({
        id: one.id,
        type: one.type,
        name: this.names.get(writerOf(one)) ?? userName({ id: writerOf(one) }),
        isBelow: isBelow(one),
        parentId: one.parentId,
        createdAt: one.createdAt,
        data: one.data,
      }));
  }

  /** The root of what a document is about, where that is another one of the same person. */
  private async placeOfAbout({ authorId, data, documentRootId }: Document): Promise<string | null> {
    const about = textAt(data, "about");
    const found = about ? await this.options.hub.document(about) : null;
    return found?.authorId === authorId && found.documentRootId !== documentRootId
      ? found.documentRootId
      : null;
  }

  private failed(error: unknown): void {
    if (this.life.signal.aborted) return;
    const refusal = error instanceof Refusal ? error : null;
    this.words = error instanceof Error ? error.message : String(error);
    const isFinal = refusal !== null && !refusal.isPassing;
    this.phase = isFinal ? "refused" : "unreachable";
    if (isFinal) [this.document, this.related] = [null, []];
    if (isFinal) this.advise(refusal.status);
    else this.advice = "";
    this.timer.start(isFinal ? AGAIN : this.backoff.nextDelay(refusal === null));
  }

  private advise(status: number): void {
    advising(({ adviceForWatching }) => {
      this.advice = this.phase === "refused" ? adviceForWatching(status) : "";
      this.listeners.tell();
    });
  }
}
