// What is typed into a live cell before its document is reached. Nobody has been told of it, and no edits of the document
// can be made of it yet: it is kept in the browser as a text, with what that was made of, until it is merged.
//
// It belongs to whom the Jupyter server says that the page belongs to, for the hub may be away.
import type * as Y from "yjs";
import { differences, merged } from "../text/merge";
import { makeChanges } from "./cell-bridge";
import { joined } from "./joining";
import type { OpenDocument } from "./open-document";
import { type AsideText, type Outcome, reconcile } from "./reconcile";
import type { UntoldStore, UntoldText } from "./untold-store";

const KEEP_AFTER = 300;
/** Ends the name of the entry with texts of files that the document has had all of. */
const TOLD = "told";

/** What is known of the entry of a cell, and goes to the cell that takes its place. */
export interface Kept {
  /** Empty as long as there never was one. */
  name: string;
  base: string | undefined;
  files: string[];
  /** What the entry holds; null when there is none. */
  text: string | null;
  isTyped: boolean;
  isRestored: boolean;
  /** What is done with the entry, one after the other. */
  last: Promise<unknown>;
}

/** Those of a page. */
export class UntoldTexts {
  /** Names of entries that cells of this page stand for. */
  readonly held = new Set<string>();
  readonly passing = new Map<string, Kept>();
  private asked: Promise<string> | null = null;

  constructor(
    readonly store: UntoldStore,
    /** Whom the page belongs to; rejects while nobody can say. */
    private readonly who: () => Promise<string>,
  ) {}

  user(): Promise<string> {
    this.asked ??= this.who().catch((error: unknown) => {
      this.asked = null;
      throw error;
    });
    return this.asked;
  }

  /** What pages have left of a document, newest first. */
  async left(document: string): Promise<Left> {
    const ofAll = await this.store.left(`${document}\n`);
    // Most often there is nothing, and nobody needs to be asked.
    const prefix = ofAll.length ? `${document}\n${await this.user()}\n` : "";
    const ours = ofAll.filter(([name]) => name.startsWith(prefix) && !this.held.has(name));
    const isTold = ([name]: [string, UntoldText]) => name === prefix + TOLD;
    return { told: ours.find(isTold)?.[1].files ?? [], untold: ours.filter((one) => !isTold(one)) };
  }
}

/** Untold texts by their names, and files that hold nothing new to the document. */
export interface Left {
  told: string[];
  untold: [string, UntoldText][];
}

/** Where texts of the user's are shown that cannot be merged. */
export interface Beside {
  readonly aside: AsideText | null;
  setAside(aside: AsideText): void;
}

export class Untold {
  /** What is typed is kept in this browser. */
  isKeeping = false;
  readonly kept: Kept;
  // What is loaded later brings none of this again.
  readonly reconcile = reconcile;
  readonly told = TOLD;
  /** The document is here, or the cell is gone. */
  isOver = false;
  private readonly came: string;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Of a cell that shows `document`, and came with a text that was made of `base`. */
  constructor(
    readonly texts: UntoldTexts,
    readonly document: string,
    readonly source: Y.Text,
    base: string | undefined,
  ) {
    this.came = source.toString();
    const files = [this.came];
    const last = Promise.resolve();
    const anew = { name: "", base, files, text: null, isTyped: false, isRestored: false, last };
    this.kept = texts.passing.get(document) ?? anew;
    this.kept.base = base ?? this.kept.base;
    texts.passing.delete(document);
  }

  /** What the cell's text was made of. */
  get base(): string | undefined {
    return this.kept.base;
  }

  /** What the file has held since its text was made of that. */
  get files(): readonly string[] {
    return this.kept.files;
  }

  /** The cell has changed. */
  typed(): void {
    if (this.isOver) return;
    this.kept.isTyped = true;
    this.timer ??= setTimeout(() => this.keepNow(), KEEP_AFTER);
  }

  /** The hub is away: find out whether what is typed can be kept. */
  async prepare(): Promise<void> {
    try {
      await Promise.all([this.texts.user(), keeping()]);
      this.isKeeping = !this.isOver;
      this.keepNow();
    } catch (error) {
      this.failed(error);
    }
  }

  /** The notebook is being saved. */
  saved(): void {
    const text = this.source.toString();
    if (this.isOver || this.files.at(-1) === text) return;
    this.kept.files = [...this.files, text];
    this.keepNow();
  }

  keepNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isOver || !this.kept.isTyped) return;
    const text = this.source.toString();
    this.next((keep) => keep.keep(this, text)).catch((error: unknown) => this.failed(error));
  }

  /** Show what an earlier page has left, if the file has nothing newer; whether the cell holds more than the file now. */
  async restore(): Promise<boolean> {
    const { came, kept } = this;
    try {
      const left = await this.texts.left(this.document);
      if (left.told.includes(came) && kept.text === null) kept.base = came;
      if (kept.isRestored || !left.untold.length) return false;
      const shown = await (await keeping()).show(this, left, came);
      kept.isRestored = true;
      return shown;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  /**
   * The document is here, and what the cell held is in it by now, or beside it until its author has decided. What else was
   * left is brought in as well.
   */
  async met(document: OpenDocument, beside: Beside, { aside, push }: Outcome): Promise<void> {
    this.end();
    try {
      await document.keepNow();
      if (aside) return;
      if (push !== undefined || this.kept.text !== null) await this.forget(true);
      const left = await this.texts.left(this.document);
      if (left.untold.length) await (await keeping()).bringIn(this, left, document, beside);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Show a text in the cell; whether it held another one. */
  show(text: string): boolean {
    const changes = differences(this.source.toString(), text);
    makeChanges(this.source, changes, this);
    return changes.length > 0;
  }

  joined(base: string, mine: string, theirs: string): string {
    return merged(base, mine, theirs) ?? joined(base, mine, theirs);
  }

  /** Nothing is to be kept any more: it `isTold`, or its author has decided. */
  async forget(isTold = false): Promise<void> {
    if (isTold || this.kept.name) await this.next((keep) => keep.forget(this, isTold));
  }

  /** The cell stays, and shows the document no longer. */
  async drop(): Promise<void> {
    this.end();
    await this.forget();
  }

  /** The cell goes; another one may take its place at once. */
  leave(): void {
    const { document, kept, texts } = this;
    if (this.isOver && kept.text === null) return;
    this.keepNow();
    this.end();
    texts.passing.set(document, kept);
    queueMicrotask(() => {
      if (texts.passing.get(document) !== kept) return;
      texts.passing.delete(document);
      void kept.last.then(() => texts.held.delete(kept.name));
    });
  }

  private end(): void {
    this.isOver = true;
    this.isKeeping = false;
    clearTimeout(this.timer);
  }

  next<T>(job: (keep: Awaited<ReturnType<typeof keeping>>) => Promise<T>): Promise<T> {
    const done = this.kept.last.then(async () => job(await keeping()));
    this.kept.last = done.catch(() => {});
    return done;
  }

  private failed(error: unknown): void {
    this.isKeeping = false;
    console.info("teaching_nb: what is typed cannot be kept in this browser", error);
  }
}

/** Most pages have nothing to keep. */
function keeping(): Promise<typeof import("./untold-keeping")> {
  return import("./untold-keeping");
}
