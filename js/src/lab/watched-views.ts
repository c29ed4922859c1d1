// The documents that are watched, each in a widget beside the notebook.

import { ClassHub } from "./class-hub";
import { loaded } from "./loaded";
import type { WatchedSheet } from "./watched-sheet";
import type { WatchedView } from "./watched-view";
import type { Watched, WatchedText, WatchingOptions } from "./watching";

/** Half of it would be too narrow for code (pixels). */
const NARROW = 500;

export class WatchedViews {
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
      : new (await loaded(import("./watched-sheet"))).WatchedSheet(
          { ...watched, live },
          new ClassHub(this.options.hub),
        );
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
