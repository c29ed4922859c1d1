// A chat of everybody who may come to a place.
import { chatBody, chatStyle, drawingChat } from "../../document/chat";
import { Frame } from "../../document/frame";
import { unreadBadge } from "../../document/talk";
import { type Context, type Shown, textOf, type View } from "../../jupyter/widget";
import { PlaceChat } from "./chat-session";

export function widget({ model, signal }: Context): Shown {
  const session = new PlaceChat(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: PlaceChat, view: View): void {
  const frame = new Frame(session.document, view, {
    name: "chat",
    css: chatStyle,
    traits: ["me"],
    saving: () => session.saving,
    parts: () => ({ people: unreadBadge(session), body: chatBody(session, textOf(session.model, "title")) }),
    problem: () => session.problem,
  });
  const { box } = frame;
  box.addEventListener("focusin", () => session.markRead(), { signal: view.signal });
  session.onChange(
    drawingChat(box, session, () => frame.update()),
    view.signal,
  );
  frame.start(view.signal);
}
