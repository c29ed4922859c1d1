// A chat as this page knows it: what was said, and what can be done about it.
import { type Said, TalkSession } from "./talk-session";

export interface ShownChat {
  messages: Said[];
  left: number;
  problem: string;
}

export abstract class ChatSession<Data extends object, Shown extends ShownChat> extends TalkSession<
  Data,
  Shown
> {
  /** Oldest first. */
  all: Said[] = [];
  /** How many older ones are not shown. */
  left = 0;

  async send(): Promise<void> {
    const { room } = this;
    await this.sendWith((text) => this.document.channel.ask("say", { text, room }), room);
  }

  async remove(id: string): Promise<void> {
    await this.ask(() => this.document.channel.ask("unsay", { id }));
  }

  protected take({ messages, left }: Shown): void {
    [this.all, this.left] = [messages, left];
  }
}
