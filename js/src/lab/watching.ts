// A student's text beside the notebook: a teacher watches it, and may help with a line where the hub lets them write.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import type { Type } from "../cells/mark";
import type { Hub, OpenDocuments } from "../cells/open-documents";
import { loaded } from "./loaded";
import type { WatchedView } from "./watched-view";

export interface Watched {
  id: string;
  type: Type;
  /** What it is called, and whose it is. */
  title: string;
}

export interface WatchingOptions {
  app: JupyterFrontEnd;
  documents: OpenDocuments;
  hub: Hub;
  languages: IEditorLanguageRegistry | null;
}

/** Half of it would be too narrow for code (pixels). */
const NARROW = 500;

export class Watching {
  private readonly shown = new Map<string, WatchedView>();

  constructor(private readonly options: WatchingOptions) {}

  /** Show a document beside the notebook, or bring it to the front. */
  async show(watched: Watched): Promise<void> {
    const { WatchedView } = await loaded(import("./watched-view"));
    const view = this.shown.get(watched.id) ?? this.keep(watched.id, new WatchedView(watched, this.options));
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
    for (const view of this.shown.values()) view.text.wake();
  }

  private keep(id: string, view: WatchedView): WatchedView {
    this.shown.set(id, view);
    view.disposed.connect(() => this.shown.delete(id));
    return view;
  }
}
