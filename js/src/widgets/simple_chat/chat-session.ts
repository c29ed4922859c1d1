// A chat as this page knows it.
import { type Said, TalkSession } from "../../document/talk-session";
import type { Model } from "../../jupyter/widget";
import { SIMPLE_CHAT, type SimpleChat } from "../../schema/types/simple_chat";

interface Shown {
  messages: Said[];
  left: number;
  problem: string;
}

export class ChatSession extends TalkSession<SimpleChat, Shown> {
  /** Oldest first. */
  all: Said[] = [];
  /** How many older ones are not shown. */
  left = 0;

  constructor(model: Model, signal: AbortSignal) {
    super(model, signal, SIMPLE_CHAT, "messages");
  }

  async send(): Promise<void> {
    await this.sendWith((text) => this.document.channel.ask("say", { text }));
  }

  async remove(id: string): Promise<void> {
    await this.ask(() => this.document.channel.ask("unsay", { id }));
  }

  protected get place(): string {
    const { document = "", course = "" } = (this.model.get("mark") ?? {}) as Record<string, string>;
    return `${course} ${document}`;
  }

  protected take({ messages, left }: Shown): void {
    [this.all, this.left] = [messages, left];
  }
}
