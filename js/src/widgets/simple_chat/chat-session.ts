// A chat as this page knows it: what was said, what is being written, and up to where the user has read.
import { DocumentSession } from "../../document/document-session";
import { Refused } from "../../jupyter/channel";
import type { Model } from "../../jupyter/widget";
import { Listeners } from "../../live/listeners";
import { SIMPLE_CHAT, type SimpleChat } from "../../schema/types/simple_chat";
import { sentence } from "../../text/sentence";

export interface ChatMessage {
  id: string;
  name: string;
  isMine: boolean;
  /** When it was stored (UTC). */
  at: string;
  /** null for what another program has stored, and is no text. */
  text: string | null;
}

interface Shown {
  messages: ChatMessage[];
  left: number;
  problem: string;
}

export class ChatSession {
  readonly document: DocumentSession<SimpleChat>;
  messages: ChatMessage[] = [];
  /** How many older ones are not shown. */
  left = 0;
  /** What is being written; it stays until it has been sent. */
  draft = "";
  isSending = false;
  /** Why the last thing that the user did was not done; empty when it was. */
  refusal = "";
  private trouble = "";
  private readonly listeners = new Listeners();

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
  ) {
    this.document = new DocumentSession<SimpleChat>(model, signal, SIMPLE_CHAT);
    this.document.channel.receive(({ kind }) => {
      if (kind === "content_changed") void this.load();
    });
    void this.load();
  }

  get problem(): string {
    return this.refusal || sentence(this.trouble);
  }

  /** Messages of others that have come since the user was here last. */
  get unread(): ChatMessage[] {
    const read = this.readUntil;
    return this.messages.filter(({ at, isMine }) => !isMine && at > read);
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  /** The user is here: all that is shown has been read. */
  markRead(): void {
    const newest = this.messages.at(-1)?.at ?? "";
    if (!this.unread.length || newest <= this.readUntil) return;
    try {
      localStorage.setItem(this.key, newest);
    } catch {
      this.readHere = newest;
    }
    this.listeners.tell();
  }

  write(text: string): void {
    this.draft = text;
    this.markRead();
    this.listeners.tell();
  }

  async send(): Promise<void> {
    const text = this.draft;
    if (!text.trim() || this.isSending) return;
    this.isSending = true;
    this.listeners.tell();
    const isSent = await this.ask(() => this.document.channel.ask("say", { text }));
    this.isSending = false;
    // What was written meanwhile belongs to the next one.
    if (isSent && this.draft === text) this.draft = "";
    this.listeners.tell();
  }

  async remove(id: string): Promise<void> {
    await this.ask(() => this.document.channel.ask("unsay", { id }));
    this.listeners.tell();
  }

  private readHere = "";

  private get key(): string {
    const { id = "" } = (this.model.get("me") ?? {}) as { id?: string };
    const { document = "", course = "" } = (this.model.get("mark") ?? {}) as Record<string, string>;
    return `teaching_nb chat ${id} ${course} ${document}`;
  }

  private get readUntil(): string {
    try {
      return localStorage.getItem(this.key) ?? this.readHere;
    } catch {
      // A page may be forbidden to keep anything.
      return this.readHere;
    }
  }

  private async load(): Promise<void> {
    if (this.signal.aborted) return;
    try {
      const { value } = await this.document.channel.ask("messages", {});
      const { messages, left, problem } = value as Shown;
      [this.messages, this.left, this.trouble] = [messages, left, problem];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.trouble = this.signal.aborted ? "" : error.message;
    }
    this.listeners.tell();
  }

  private async ask(question: () => Promise<unknown>): Promise<boolean> {
    try {
      await question();
      this.refusal = "";
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.refusal = sentence(error.message);
      return false;
    }
  }
}
