// A file tree: folders and files to be made, named, moved and deleted; a file opens as a live cell below it.
import { Frame } from "../../document/frame";
import type { Context, Shown, View } from "../../jupyter/widget";
import { type FilesSession, filesSession } from "./files-session";
import { filesView } from "./files-view";
import css from "./style.css";

export function widget({ model, signal }: Context): Shown {
  const session = filesSession(model, signal);
  return { render: (view) => show(session, view) };
}

function show(session: FilesSession, view: View): void {
  const body = filesView(session, view, () => frame.update());
  const frame = new Frame(session.home, view, {
    name: "files",
    css,
    traits: ["opened", "trouble", "folder", "is_watched"],
    saving: session.saving,
    parts: () => ({ body: body() }),
    problem: session.problem,
  });
  session.onChange(() => frame.update(), view.signal);
  frame.start(view.signal);
}
