// Comments on a document as this page knows them: threads, and which comment the user is about to delete.
import { type Said, TalkSession } from "../../document/talk-session";
import { type Model, textOf } from "../../jupyter/widget";

export interface ShownComment extends Said {
  /** The same with its formats; empty where it has none. */
  markdown: string;
}

export interface ShownThread {
  id: string;
  /** Of a comment on a page of the existing system: at which element; empty for one of ours. */
  kind: string;
  nr: number;
  isResolved: boolean;
  /** Who has resolved it, or opened it again, last; empty when nobody has. */
  resolvedBy: string;
  resolvedAt: string;
  comments: ShownComment[];
}

interface Shown {
  threads: ShownThread[];
  left: number;
  open: number;
  isLoaded: boolean;
  problem: string;
}

export class CommentsSession extends TalkSession<object, Shown> {
  /** Oldest first. */
  threads: ShownThread[] = [];
  /** How many older ones are not shown. */
  left = 0;
  /** How many are open, of all. */
  numberOpen = 0;
  /** Whether it is known what there is. */
  isLoaded = false;
  /** The comment that the user has asked to delete and not confirmed; empty for none. */
  doomed = "";

  constructor(model: Model, signal: AbortSignal) {
    super(model, signal, {}, "comments");
  }

  get all(): ShownComment[] {
    return this.threads.flatMap(({ comments }) => comments);
  }

  /** Send what was written in a thread; with none, at the beginning of a new one. */
  async send(thread: string): Promise<void> {
    await this.sendWith((text) => this.document.channel.ask("add_comment", { text, thread }), thread);
  }

  /** Ask whether a comment is to be deleted; empty: keep it. */
  doom(id: string): void {
    this.doomed = id;
    this.listeners.tell();
  }

  async remove(id: string): Promise<void> {
    this.doomed = "";
    await this.ask(() => this.document.channel.ask("remove_comment", { id }));
  }

  async resolve(thread: string, on: boolean): Promise<void> {
    await this.ask(() => this.document.channel.ask("resolve_thread", { thread, on }));
  }

  protected get place(): string {
    return textOf(this.model, "about");
  }

  protected take({ threads, left, open, isLoaded }: Shown): void {
    // A thread is stored before its first comment: one that has just begun is not one in which all was deleted.
    const known = new Set(this.threads.map(({ id }) => id));
    const hasBegun = ({ comments, id }: ShownThread) =>
      comments.length > 0 || known.has(id) || !this.isLoaded;
    const shown = threads.filter(hasBegun);
    this.numberOpen = open - (threads.length - shown.length);
    [this.threads, this.left, this.isLoaded] = [shown, left, isLoaded];
  }
}
