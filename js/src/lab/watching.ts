// A student's document beside the notebook: a teacher watches it, and may help with a line of a text where the hub lets
// them write.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import type { Type } from "../cells/mark";
import type { Hub, OpenDocuments } from "../cells/open-documents";
import type { WatchingHub } from "../cells/watched-document";
import { loaded } from "./loaded";
import type { WatchedSheet } from "./watched-sheet";
import type { WatchedView } from "./watched-view";

export interface Watched {
  id: string;
  type: string;
  /** The live text that it is; null for other documents. */
  live: Type | null;
  /** What it is called, and whose it is. */
  title: string;
}

export type WatchedText = Watched & { live: Type };

export interface WatchingOptions {
  app: JupyterFrontEnd;
  documents: OpenDocuments;
  hub: Hub & WatchingHub;
  languages: IEditorLanguageRegistry | null;
}

/** Half of it would be too narrow for code (pixels). */
const NARROW = 500;

export class Watching {
  private readonly shown = new Map<string, WatchedView | WatchedSheet>();

  constructor(private readonly options: WatchingOptions) {}

  /** Show a document beside the notebook, or bring it to the front. */
  async show(watched: Watched): Promise<void> {
    const view = this.shown.get(watched.id) ?? (await this.made(watched));
    const { shell } = this.options.app;
    const { expandRight } = shell as { expandRight?: (id: string) => void };
    // Notebook shows one document, and others at the right of it.
    const isNotebook = expandRight !== undefined && !("layoutModified" in shell);
    if (!view.isAttached) shell.add(view, isNotebook ? "right" : "main", { mode: this.placement });
    if (isNotebook) expandRight.call(shell, view.id);
    else shell.activateById(view.id);
  }

  /** Beside what is shown, where that leaves both enough to be read. */
  private get placement(): "split-right" | "tab-after" {
    const width = this.options.app.shell.currentWidget?.node.clientWidth ?? 0;
    return width > 0 && width < NARROW ? "tab-after" : "split-right";
  }

  /** The page was asleep or offline. */
  wake(): void {
    for (const view of this.shown.values()) view.wake();
  }

  private async made({ live, ...watched }: Watched): Promise<WatchedView | WatchedSheet> {
    const view = live
      ? await this.textView({ ...watched, live })
      : new (await loaded(import("./watched-sheet"))).WatchedSheet({ ...watched, live }, this.options.hub);
    const { id } = watched;
    // Pressed twice while it was loaded.
    const known = this.shown.get(id);
    if (known) {
      view.dispose();
      return known;
    }
    this.shown.set(id, view);
    view.disposed.connect(() => this.shown.delete(id));
    return view;
  }

  private async textView(watched: WatchedText): Promise<WatchedView> {
    const { WatchedView } = await loaded(import("./watched-view"));
    return new WatchedView(watched, this.options);
  }
}
