// A live text that is watched beside the notebook: one of somebody else's, by the id of its document.

import { Backoff } from "../live/backoff";
import type { HubText } from "../live/hub-text";
import { Listeners } from "../live/listeners";
import { Timer } from "../live/timer";
import { phrase } from "../text/words";
import { advising } from "./advising";
import type { Mark, Type } from "./mark";
import type { OpenDocument, Opened, User } from "./open-document";
import type { OpenDocuments } from "./open-documents";
import { type AsideText, bothAside } from "./reconcile";
import { NO_TEXT, Refusal } from "./refusal";
import type { Phase, ShownText } from "./shown-text";

export interface WatchedTextOptions {
  /** UUID of the document. */
  id: string;
  type: Type;
  /** What it is called, and whose it is. */
  name: string;
  documents: OpenDocuments;
  now?: () => number;
  random?: () => number;
}

export class WatchedText implements ShownText {
  phase: Phase = "opening";
  words = "";
  advice = "";
  aside: AsideText | null = null;
  readonly mark: Mark;
  readonly notTaken = "";
  readonly sharesRuns = false;
  readonly changedBy: ReadonlySet<string> = new Set();

  private document: OpenDocument | null = null;
  private readonly life = new AbortController();
  private readonly listeners = new Listeners();
  private readonly readyListeners = new Listeners();
  private readonly backoff: Backoff;
  private readonly timer = new Timer(() => void this.open());

  constructor(private readonly options: WatchedTextOptions) {
    this.mark = { document: options.name, type: options.type, shared: false };
    this.backoff = new Backoff(options.random ?? Math.random, options.now ?? Date.now);
    void this.open();
  }

  get live(): HubText | null {
    return this.document?.live ?? null;
  }

  get me(): User | null {
    return this.document?.me ?? null;
  }

  get opened(): Opened | null {
    return this.document?.opened ?? null;
  }

  get isLive(): boolean {
    return this.live?.isLive === true;
  }

  get isWritable(): boolean {
    return this.live?.isWritable !== false;
  }

  get isKeeping(): boolean {
    return this.document?.isKeeping === true;
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** `listener` is called when the text is here, and again when another Y.Doc has taken the place of the first. */
  onReady(listener: () => void, signal: AbortSignal): void {
    this.readyListeners.add(listener, signal);
  }

  /** The user has typed. */
  keepSoon(): void {
    this.document?.keepSoon();
  }

  useMine(): void {
    const { aside } = this;
    const text = this.live?.text;
    if (!aside || !text) return;
    this.aside = aside.earlier ?? null;
    text.doc?.transact(() => {
      text.delete(0, text.length);
      text.insert(0, aside.text);
    });
    this.listeners.tell();
  }

  keepTheirs(): void {
    this.aside = this.aside?.earlier ?? null;
    this.listeners.tell();
  }

  /** The page was asleep or offline, or the user wants it now. */
  wake(): void {
    if (this.live) this.live.wake();
    else if (this.timer.isWaiting) this.timer.start(0);
  }

  dispose(): void {
    if (this.life.signal.aborted) return;
    this.life.abort();
    this.timer.cancel();
    this.document?.release();
  }

  private async open(): Promise<void> {
    const { documents, id, type } = this.options;
    try {
      const document = await documents.watch(id, type);
      if (this.life.signal.aborted) document.release();
      else this.follow(document);
    } catch (error) {
      this.failed(error);
    }
    this.listeners.tell();
  }

  private follow(document: OpenDocument): void {
    const { signal } = this.life;
    this.document = document;
    this.phase = "open";
    this.words = this.advice = "";
    document.live.onReady(() => this.meet(document), signal);
    document.onChange(() => {
      if (document.live.isUnfit) this.advise(NO_TEXT);
      else if (!document.live.isReadable) this.advise(404);
      this.listeners.tell();
    }, signal);
    if (document.live.isSynced) this.meet(document);
  }

  private meet(document: OpenDocument): void {
    if (!document.live.text) {
      this.phase = "refused";
      this.words = phrase("this document holds no text");
      this.advise(NO_TEXT);
    } else [this.phase, this.words, this.advice] = ["open", "", ""];
    this.aside = bothAside(this.aside, document.takeAside());
    this.readyListeners.tell();
    this.listeners.tell();
  }

  private failed(error: unknown): void {
    if (this.life.signal.aborted) return;
    const refusal = error instanceof Refusal ? error : null;
    this.words = error instanceof Error ? error.message : String(error);
    this.phase = refusal && !refusal.isPassing ? "refused" : "unreachable";
    if (this.phase === "unreachable") this.timer.start(this.backoff.nextDelay(refusal === null));
    else this.advise(refusal?.status ?? 0);
  }

  private advise(status: number): void {
    advising(({ adviceForWatching }) => {
      this.advice = adviceForWatching(status);
      this.listeners.tell();
    });
  }
}
