// What to do with changes that were not saved: copy the text, download it, or give the changes up.
import { h, setText, symbol } from "../ui/dom";
import { TwicePressed, takingButtons } from "../ui/text-buttons";
import type { Unsent } from "./save-state";

export interface UnsentOptions {
  /** The user's text, changes included. */
  text: () => string;
  fileName: () => string;
  discard: () => void;
}

export class UnsentBox {
  readonly el: HTMLElement;
  private readonly words = h("p", { role: "alert" });
  private readonly done = h("span", { role: "status", "aria-live": "polite" });
  private readonly discard: TwicePressed;

  constructor({ text, fileName, discard }: UnsentOptions, signal: AbortSignal) {
    const say = (words: string) => setText(this.done, words);
    this.discard = new TwicePressed(
      {
        name: "Discard changes",
        really: "Really discard?",
        warning: "Press once more: the changes are gone then.",
        act: discard,
        say,
      },
      signal,
    );
    const taking = takingButtons({ copy: "Copy my text", text, fileName, say }, signal);
    const buttons = h("div", { class: "tnb-unsent-buttons" }, ...taking, this.discard.el, this.done);
    const content = h("div", { class: "tnb-unsent-content" }, this.words, buttons);
    this.el = h(
      "div",
      { class: "tnb-unsent", role: "group", "aria-label": "Changes that were not saved", hidden: true },
      symbol("⚠"),
      content,
    );
  }

  update(unsent: Unsent | null): void {
    if (!unsent) {
      this.hide();
      return;
    }
    this.el.hidden = false;
    setText(this.words, unsent.words);
  }

  private hide(): void {
    if (this.el.hidden) return;
    this.el.hidden = true;
    this.discard.reset();
    setText(this.words, "");
    setText(this.done, "");
  }
}
