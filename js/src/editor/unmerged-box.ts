// A version that could not be merged with the shared text: both to compare, and its author decides.

import { html, type TemplateResult } from "lit-html";
import type { VersionView } from "../history/version-view";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { TwicePressed, takingButtons } from "../ui/text-buttons";

export interface UnmergedOptions {
  /** The shared text, as the editor shows it. */
  theirs: () => string;
  fileName: () => string;
  hasLineNumbers: boolean;
  useMine: () => void;
  keepTheirs: () => void;
  /** Draw the widget anew. */
  draw: () => void;
}

/** What is shown of it now. */
export interface UnmergedShown {
  mine: string;
  words: string;
  /** The user may write, and the kernel is there. */
  canUse: boolean;
}

export class UnmergedBox {
  private mine = "";
  private done = "";
  private readonly use: TwicePressed;
  private readonly keep: TwicePressed;
  private readonly taking: TemplateResult;
  private readonly holder = document.createElement("div");
  /** What marks differences is loaded when there are some. */
  private text: VersionView | null = null;
  private isLoading = false;

  constructor(
    private readonly options: UnmergedOptions,
    private readonly signal: AbortSignal,
  ) {
    const say = (words: string) => {
      this.done = words;
      options.draw();
    };
    this.use = new TwicePressed(
      {
        name: t("Use my version"),
        really: t("Really use mine?"),
        warning: t("Press once more: it replaces the shared text, for everybody."),
        act: options.useMine,
        say,
      },
      signal,
    );
    this.keep = new TwicePressed(
      {
        name: t("Keep the shared text"),
        really: t("Really keep it?"),
        warning: t("Press once more: your version is gone then."),
        act: options.keepTheirs,
        say,
      },
      signal,
    );
    const { fileName } = options;
    this.taking = takingButtons({ copy: t("Copy my version"), text: () => this.mine, fileName, say });
    this.holder.className = "tnb-editor tnb-difference tnb-unmerged-text";
  }

  /** The box; it is there without a version too, for only then its words are read aloud. */
  box(shown: UnmergedShown | null): TemplateResult {
    if (shown?.mine !== this.mine) this.forget();
    this.mine = shown?.mine ?? "";
    if (shown) this.compare(shown.mine);
    return html`<div class="tnb-unsent" role="group" aria-label=${t("Your version could not be merged")} ?hidden=${!shown}>
      ${symbol("⚠")}
      <div class="tnb-unsent-content">
        <p role="alert">${shown?.words ?? ""}</p>
        <p class="tnb-unmerged-legend"><span class="tnb-history-back">${t("only in your version")}</span
          ><span class="tnb-history-gone">${t("only in the shared text")}</span></p>
        ${this.holder}
        <div class="tnb-unsent-buttons">
          ${this.use.button(!shown?.canUse)}${this.keep.button()}${this.taking}
          <span role="status" aria-live="polite">${this.done}</span>
        </div>
      </div>
    </div>`;
  }

  private compare(mine: string): void {
    this.text?.show(mine, this.options.theirs(), t("Your version"));
    if (!this.text && !this.isLoading) void this.load();
  }

  private async load(): Promise<void> {
    this.isLoading = true;
    try {
      const { VersionView } = await import("../history/version-view");
      if (!this.signal.aborted) this.text = new VersionView(this.holder, this.options, this.signal);
      this.options.draw();
    } catch (error) {
      // Without it the version can be taken elsewhere and decided about; the next tick tries again.
      console.info("teaching_nb: the difference cannot be shown", error);
    } finally {
      this.isLoading = false;
    }
  }

  private forget(): void {
    this.use.forget();
    this.keep.forget();
    this.done = "";
  }
}
