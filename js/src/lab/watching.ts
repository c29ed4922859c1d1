// A student's document beside the notebook: a teacher watches it, and may help with a line of a text where the hub lets
// them write.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import type { Type } from "../cells/mark";
import type { OpenDocuments } from "../cells/open-documents";
import type { ServerHub } from "./hub";
import { loaded } from "./loaded";
import type { WatchedViews } from "./watched-views";

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
  hub: ServerHub;
  languages: IEditorLanguageRegistry | null;
}

export class Watching {
  private views: WatchedViews | null = null;
  private loading: Promise<WatchedViews> | null = null;

  constructor(private readonly options: WatchingOptions) {}

  /** Show a document beside the notebook, or bring it to the front. */
  async show(watched: Watched): Promise<void> {
    this.loading ??= loaded(import("./watched-views")).then(
      ({ WatchedViews }) => new WatchedViews(this.options),
    );
    try {
      this.views = await this.loading;
    } catch {
      // The user has been told; the server may answer the next time.
      this.loading = null;
      return;
    }
    await this.views.show(watched);
  }

  /** The page was asleep or offline. */
  wake(): void {
    this.views?.wake();
  }
}
