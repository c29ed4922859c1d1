// A student's text beside the notebook: a teacher watches it, and may help with a line where the hub lets them write.
import type { JupyterFrontEnd } from "@jupyterlab/application";
import type { IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import { Panel, Widget } from "@lumino/widgets";
import { HubPast } from "../cells/hub-past";
import type { Type } from "../cells/mark";
import type { Hub, OpenDocuments } from "../cells/open-documents";
import { StateLine } from "../cells/state-line";
import { WatchedText } from "../cells/watched-text";
import { Following } from "../editor/following";
import { liveIcon } from "./icon";
import { WatchedEditor } from "./watched-editor";

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

export class Watching {
  private readonly shown = new Map<string, WatchedView>();

  constructor(private readonly options: WatchingOptions) {}

  /** Show a document beside the notebook, or bring it to the front. */
  show(watched: Watched): void {
    const view = this.shown.get(watched.id) ?? this.made(watched);
    const { shell } = this.options.app;
    const { expandRight } = shell as { expandRight?: (id: string) => void };
    // Notebook shows one document, and others at the right of it.
    const isNotebook = expandRight !== undefined && !("layoutModified" in shell);
    if (!view.isAttached) shell.add(view, isNotebook ? "right" : "main", { mode: "split-right" });
    if (isNotebook) expandRight.call(shell, view.id);
    else shell.activateById(view.id);
  }

  /** The page was asleep or offline. */
  wake(): void {
    for (const view of this.shown.values()) view.text.wake();
  }

  private made(watched: Watched): WatchedView {
    const view = new WatchedView(watched, this.options);
    this.shown.set(watched.id, view);
    view.disposed.connect(() => this.shown.delete(watched.id));
    return view;
  }
}

class WatchedView extends Panel {
  readonly text: WatchedText;
  private readonly editor: WatchedEditor;
  private readonly line: StateLine;
  private readonly life = new AbortController();

  constructor({ id, title, type }: Watched, { documents, hub, languages }: WatchingOptions) {
    super();
    this.id = `teaching-nb:watched:${id}`;
    this.title.label = title;
    this.title.icon = liveIcon;
    this.title.closable = true;
    this.addClass("tnb-watched");
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", title);
    const { signal } = this.life;
    this.text = new WatchedText({ documents, id, name: title, type });
    const following = new Following(
      this.node,
      () => this.editor.view,
      () => this.line.draw(),
      signal,
    );
    this.editor = new WatchedEditor(this.text, following.extension(), languages, signal);
    this.line = new StateLine(this.text, { following, past: new HubPast(this.text, hub) }, signal);
    this.addWidget(new Widget({ node: this.line.el }));
    this.addWidget(new Widget({ node: this.editor.view.dom }));
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.life.abort();
    this.text.dispose();
    super.dispose();
  }

  protected override onAfterAttach(): void {
    this.line.mount();
  }

  protected override onCloseRequest(): void {
    this.dispose();
  }

  protected override onActivateRequest(): void {
    this.editor.view.focus();
  }
}
