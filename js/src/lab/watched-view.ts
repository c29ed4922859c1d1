// What a teacher sees of a student's text: the line about it, and the text itself.
import { Panel, Widget } from "@lumino/widgets";
import { HubPast } from "../cells/hub-past";
import { StateLine } from "../cells/state-line";
import { WatchedText } from "../cells/watched-text";
import { Following } from "../editor/following";
import { liveIcon } from "./icon";
import { WatchedEditor } from "./watched-editor";
import type { WatchedText as Watched, WatchingOptions } from "./watching";

export class WatchedView extends Panel {
  readonly text: WatchedText;
  private readonly editor: WatchedEditor;
  private readonly line: StateLine;
  private readonly life = new AbortController();

  constructor({ id, title, live: type }: Watched, { documents, hub, languages }: WatchingOptions) {
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

  wake(): void {
    this.text.wake();
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
