// The one chat of a place, as this page knows it.
import { ChatSession, type ShownChat } from "../../document/chat-session";
import type { Model } from "../../jupyter/widget";
import { SIMPLE_CHAT, type SimpleChat } from "../../schema/types/simple_chat";

export class PlaceChat extends ChatSession<SimpleChat, ShownChat> {
  constructor(model: Model, signal: AbortSignal) {
    super(model, signal, SIMPLE_CHAT, "messages");
  }

  protected get place(): string {
    const { document = "", course = "" } = (this.model.get("mark") ?? {}) as Record<string, string>;
    return `${course} ${document}`;
  }
}
