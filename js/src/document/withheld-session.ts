// What is withheld, as this page knows it: whether it is open, what it holds, and for teachers to whom it is open.
// Nothing of it is a trait, which front ends may write into the notebook's file: the kernel is asked for it.
import { Refused } from "../jupyter/channel";
import { followTraits, type Model } from "../jupyter/widget";
import { Listeners } from "../live/listeners";
import { sentence } from "../text/sentence";
import { DocumentSession } from "./document-session";
import type { Misfit } from "./fitting";

export interface StudentRow {
  id: string;
  name: string;
  /** What was said of this student: open, closed, or nothing. */
  said: "open" | "closed" | "";
  sees: boolean;
}

export interface GroupRow {
  id: string;
  name: string;
  said: "open" | "closed" | "";
  people: StudentRow[];
}

export interface Openings {
  groups: GroupRow[];
  isOpenToAll: boolean;
}

type Who = "group" | "person";

export class WithheldSession {
  readonly document: DocumentSession<{ text: string }>;
  text = "";
  /** The text that the kernel has, as far as this page knows: what it was made of that is shown. */
  private known = "";
  /** So many times something was written here. */
  private writes = 0;
  private isComposing = false;
  /** What another program has stored that is no text. */
  misfits: Misfit[] = [];
  openings: Openings | null = null;
  /** Why the kernel did not do what it was asked for last; empty when it did. */
  refusal = "";
  private readonly listeners = new Listeners();

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
    /** Whether teachers say to whom it is open. */
    private readonly isOpened = true,
  ) {
    this.document = new DocumentSession(model, signal, { text: "" });
    this.document.onChange(() => this.listeners.tell(), signal);
    this.document.channel.receive(({ kind }) => {
      if (kind === "content_changed") this.load();
    });
    followTraits(model, ["is_open", "is_staff"], signal, () => this.load());
  }

  get isOpen(): boolean {
    return this.model.get("is_open") === true;
  }

  get isStaff(): boolean {
    return this.model.get("is_staff") === true;
  }

  onChange(listener: () => void, signal: AbortSignal): void {
    this.listeners.add(listener, signal);
  }

  async write(text: string): Promise<void> {
    const base = this.known;
    this.text = text;
    this.known = text;
    this.writes += 1;
    await this.document.assign("text", text, base);
    // What was not taken is not what the next words are made of.
    if (this.document.refusal) this.load();
  }

  /** An input method is at work, which bears no other text below it, or no longer. */
  compose(isComposing: boolean): void {
    this.isComposing = isComposing;
    if (!isComposing) this.load();
  }

  openTo(who: Who, id: string, access: "open" | "closed" | ""): Promise<void> {
    return this.ask(async () => {
      const { value } = await this.document.channel.ask("open_to", { who, id, access });
      this.openings = value as Openings;
    });
  }

  private load(): void {
    void this.ask(async () => {
      const { writes } = this;
      const { value } = await this.document.channel.ask("content", {});
      const { text, misfits } = value as { text: string; misfits: Misfit[] };
      this.misfits = misfits;
      // What was typed meanwhile is newer than what the kernel had, and asked for again when the kernel has it.
      if (this.writes !== writes || this.isComposing) return;
      this.known = text;
      if (!this.document.refusal) this.text = text;
    });
    if (!this.isOpened || !this.isStaff || !this.isOpen) return;
    void this.ask(async () => {
      const { value } = await this.document.channel.ask("openings", {});
      this.openings = value as Openings;
    });
  }

  private async ask(question: () => Promise<void>): Promise<void> {
    if (this.signal.aborted) return;
    try {
      await question();
      this.refusal = "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.refusal = this.signal.aborted ? "" : sentence(error.message);
    }
    this.listeners.tell();
  }
}
