// A file tree as this page knows it: what the kernel tells, and what was asked of it. All views of a widget share it.
import { DocumentSession } from "../../document/document-session";
import { Refused } from "../../jupyter/channel";
import { followTraits, type Model, textOf } from "../../jupyter/widget";
import { Listeners } from "../../live/listeners";
import type { Question } from "../../schema/messages";
import { DIR, type Dir } from "../../schema/types/dir";
import { mayWrite, withPending } from "../../status/saved-model";
import { sentence } from "../../text/sentence";
import type { Entry } from "./entries";

export interface OpenedFile {
  id: string;
  model_id: string;
}

/** What came of writing files into the working folder. */
export interface Written {
  folder: string;
  written: string[];
  /** What lies there and is something else; then nothing was written. */
  differing: { path: string; digest: string }[];
  left_out: string[];
}

type Content<Kind> = Omit<Extract<Question, { kind: Kind }>, "kind" | "peer" | "ask">;

export type FilesSession = ReturnType<typeof filesSession>;

export function filesSession(model: Model, signal: AbortSignal) {
  const home = new DocumentSession<Dir>(model, signal, DIR);
  const listeners = new Listeners();
  /** Folders that somebody has opened or closed on this page. */
  const folded = new Map<string, boolean>();
  /** When what the hub has not answered was asked. */
  const asked = new Set<{ since: number }>();
  let refusal = "";
  const entries = () => (model.get("entries") ?? []) as Entry[];
  const isOpen = ({ id, is_open }: Entry) => folded.get(id) ?? is_open;
  const canEdit = () => mayWrite(model) && !signal.aborted && model.get("is_watched") !== true;

  /** What the kernel answers; null where it refuses, and why is told. */
  async function ask<Kind extends Question["kind"]>(kind: Kind, content: Content<Kind>): Promise<unknown> {
    const question = { since: Date.now() };
    asked.add(question);
    listeners.tell();
    let answer: unknown = null;
    try {
      answer = (await home.channel.ask(kind, content)).value ?? {};
      refusal = "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusal = sentence(error.message);
    }
    asked.delete(question);
    listeners.tell();
    return answer;
  }

  followTraits(model, ["entries"], signal, () => listeners.tell());
  return {
    home,
    ask,
    entries,
    isOpen,
    canEdit,
    opened: () => (model.get("opened") ?? []) as OpenedFile[],
    find: (id: string) => entries().find((entry) => entry.id === id),
    problem: () => refusal || sentence(textOf(model, "trouble")),
    saving() {
      const since = [...asked].map((each) => each.since);
      return withPending({ ...home.saving, isTakenBack: refusal !== "" }, since);
    },
    onChange: (listener: () => void, until: AbortSignal) => listeners.add(listener, until),
    /** Show what is in a folder, or not; whoever it belongs to finds it so again. */
    fold(entry: Entry, on: boolean) {
      if (isOpen(entry) === on) return;
      folded.set(entry.id, on);
      listeners.tell();
      // One that could not be kept open is open on this page all the same.
      if (canEdit() && !entry.author)
        home.channel.ask("fold_entry", { id: entry.id, on }).catch((error: unknown) => {
          if (!(error instanceof Refused)) throw error;
        });
    },
  };
}
