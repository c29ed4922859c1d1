// A version that could not be merged with the shared text: both to compare, and its author decides.

import { VersionView } from "../history/version-view";
import { h, setText, symbol } from "../ui/dom";
import { TwicePressed, takingButtons } from "../ui/text-buttons";

export interface UnmergedOptions {
  /** The shared text, as the editor shows it. */
  theirs: () => string;
  fileName: () => string;
  hasLineNumbers: boolean;
  useMine: () => void;
  keepTheirs: () => void;
}

/** What is shown of it now. */
export interface UnmergedShown {
  mine: string;
  words: string;
  /** The user may write, and the kernel is there. */
  canUse: boolean;
}

export class UnmergedBox {
  readonly el: HTMLElement;
  private mine = "";
  private readonly words = h("p", { role: "alert" });
  private readonly done = h("span", { role: "status", "aria-live": "polite" });
  private readonly use: TwicePressed;
  private readonly keep: TwicePressed;
  private readonly text: VersionView;

  constructor(
    private readonly options: UnmergedOptions,
    signal: AbortSignal,
  ) {
    const say = (words: string) => setText(this.done, words);
    this.use = new TwicePressed(
      {
        name: "Use my version",
        really: "Really use mine?",
        warning: "Press once more: it replaces the shared text, for everybody.",
        act: options.useMine,
        say,
      },
      signal,
    );
    this.keep = new TwicePressed(
      {
        name: "Keep the shared text",
        really: "Really keep it?",
        warning: "Press once more: your version is gone then.",
        act: options.keepTheirs,
        say,
      },
      signal,
    );
    const holder = h("div", { class: "tnb-editor tnb-difference tnb-unmerged-text" });
    this.text = new VersionView(holder, options, signal);
    const { fileName } = options;
    const taking = takingButtons({ copy: "Copy my version", text: () => this.mine, fileName, say }, signal);
    const buttons = h(
      "div",
      { class: "tnb-unsent-buttons" },
      this.use.el,
      this.keep.el,
      ...taking,
      this.done,
    );
    this.el = h(
      "div",
      { class: "tnb-unsent", role: "group", "aria-label": "Your version could not be merged", hidden: true },
      symbol("⚠"),
      h("div", { class: "tnb-unsent-content" }, this.words, legend(), holder, buttons),
    );
  }

  update(shown: UnmergedShown | null): void {
    if (!shown) {
      this.hide();
      return;
    }
    this.el.hidden = false;
    if (shown.mine !== this.mine) this.reset();
    this.mine = shown.mine;
    this.use.el.disabled = !shown.canUse;
    setText(this.words, shown.words);
    this.text.show(shown.mine, this.options.theirs(), "Your version");
  }

  private hide(): void {
    if (this.el.hidden) return;
    this.el.hidden = true;
    this.reset();
    setText(this.words, "");
    setText(this.done, "");
  }

  private reset(): void {
    this.use.reset();
    this.keep.reset();
  }
}

function legend(): HTMLElement {
  return h(
    "p",
    { class: "tnb-unmerged-legend" },
    h("span", { class: "tnb-history-back" }, "only in your version"),
    h("span", { class: "tnb-history-gone" }, "only in the shared text"),
  );
}
