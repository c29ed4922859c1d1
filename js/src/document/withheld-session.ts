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

  write(text: string): void {
    this.text = text;
    void this.document.assign("text", text);
  }

  openTo(who: Who, id: string, access: "open" | "closed" | ""): Promise<void> {
    return this.ask(async () => {
      const { value } = await this.document.channel.ask("open_to", { who, id, access });
      this.openings = value as Openings;
    });
  }

  private load(): void {
    void this.ask(async () => {
      const { value } = await this.document.channel.ask("content", {});
      const { text, misfits } = value as { text: string; misfits: Misfit[] };
      // What is being typed here is newer than what the kernel has.
      if (this.document.saving.pending === 0) this.text = text;
      this.misfits = misfits;
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
