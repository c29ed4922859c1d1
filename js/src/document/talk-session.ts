// What people say to each other at a document, as this page knows it: what is being written, what could not be sent, and
// up to where the user has read. Each page asks the kernel for what was said: no trait holds it.
import { Refused } from "../jupyter/channel";
import type { Model } from "../jupyter/widget";
import { Listeners } from "../live/listeners";
import type { SaveInput } from "../status/save-state";
import { mayWrite } from "../status/saved-model";
import { sentence } from "../text/sentence";
import { DocumentSession } from "./document-session";

export interface Said {
  id: string;
  name: string;
  isMine: boolean;
  /** When it was stored (UTC). */
  at: string;
  /** null for what another program has stored, and is no text. */
  text: string | null;
}

/** What the kernel is asked for, and part of the name under which the page remembers what was read. */
export type TalkKind = "messages" | "comments" | "rooms";

export abstract class TalkSession<Data extends object, Shown extends { problem: string }> {
  readonly document: DocumentSession<Data>;
  /** Which of several chats is shown; empty where there is one. */
  room = "";
  protected readonly listeners = new Listeners();
  private readonly drafts = new Map<string, string>();
  private readonly sending = new Set<string>();
  /** Why the last thing that the user did was not done; empty when it was. */
  private refusal = "";
  private trouble = "";
  /** Place → the same as in the browser's storage, which a page may be forbidden to use. */
  private readonly readHere = new Map<string, string>();

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
    defaults: Data,
    private readonly kind: TalkKind,
  ) {
    this.document = new DocumentSession(model, signal, defaults);
    this.document.channel.receive((message) => {
      if (message.kind === "content_changed") void this.load();
    });
    void this.load();
  }

  /** All that was said, in the order in which it is shown. */
  abstract get all(): Said[];

  /** Names the place among all in which one may read. */
  protected abstract get place(): string;

  protected abstract take(shown: Shown): void;

  get canWrite(): boolean {
    return mayWrite(this.model) && !this.signal.aborted;
  }

  get problem(): string {
    return this.refusal || sentence(this.trouble);
  }

  get saving(): SaveInput {
    return { ...this.document.saving, isTakenBack: this.refusal !== "" };
  }

  /** What others have said since the user was here last. */
  get unread(): Said[] {
    const until = this.readUntil(this.place);
    return this.all.filter(({ at, isMine }) => !isMine && at > until);
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** The user is here: all that is shown has been read. */
  markRead(): void {
    const newest = this.unread.reduce((last, { at }) => (at > last ? at : last), "");
    if (!newest) return;
    try {
      localStorage.setItem(this.keyOf(this.place), newest);
    } catch {
      this.readHere.set(this.place, newest);
    }
    this.listeners.tell();
  }

  /** What is being written in a field; it stays until it has been sent. */
  draft(field = ""): string {
    return this.drafts.get(field) ?? "";
  }

  isSending(field = ""): boolean {
    return this.sending.has(field);
  }

  write(text: string, field = ""): void {
    this.drafts.set(field, text);
    this.markRead();
    this.listeners.tell();
  }

  /** Send what stands in a field, unless that is nothing. */
  protected async sendWith(send: (text: string) => Promise<unknown>, field = ""): Promise<void> {
    const text = this.draft(field);
    if (!text.trim() || this.isSending(field)) return;
    this.sending.add(field);
    this.listeners.tell();
    const isSent = await this.ask(() => send(text));
    this.sending.delete(field);
    // What was written meanwhile belongs to the next one.
    if (isSent && this.draft(field) === text) this.drafts.delete(field);
    this.listeners.tell();
  }

  /** Have something done; false when it was refused, with the reason in `problem`. */
  protected async ask(question: () => Promise<unknown>): Promise<boolean> {
    this.refusal = await refusalOf(question);
    this.listeners.tell();
    return !this.refusal;
  }

  private keyOf(place: string): string {
    const { id = "" } = (this.model.get("me") ?? {}) as { id?: string };
    return `teaching_nb ${this.kind} ${id} ${place}`;
  }

  /** When what was said last was stored that the user has read in a place. */
  protected readUntil(place: string): string {
    try {
      return localStorage.getItem(this.keyOf(place)) ?? this.readHere.get(place) ?? "";
    } catch {
      return this.readHere.get(place) ?? "";
    }
  }

  protected async load(): Promise<void> {
    if (this.signal.aborted) return;
    const refusal = await refusalOf(async () => {
      const shown = (await this.document.channel.ask(this.kind, this.room ? { room: this.room } : {}))
        .value as Shown;
      this.trouble = shown.problem;
      this.take(shown);
    });
    if (refusal) this.trouble = this.signal.aborted ? "" : refusal;
    this.listeners.tell();
  }
}

async function refusalOf(question: () => Promise<unknown>): Promise<string> {
  try {
    await question();
    return "";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return sentence(error.message);
  }
}
