// What to do with changes that were not saved: copy the text, download it, or give the changes up.

import { html, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { TwicePressed, takingButtons } from "../ui/text-buttons";
import type { Unsent } from "./save-state";

export interface UnsentOptions {
  /** The user's text, changes included. */
  text: () => string;
  fileName: () => string;
  discard: () => void;
  /** Draw the widget anew. */
  draw: () => void;
}

export class UnsentBox {
  private done = "";
  private readonly discard: TwicePressed;
  private readonly taking: TemplateResult;

  constructor({ text, fileName, discard, draw }: UnsentOptions, signal: AbortSignal) {
    const say = (words: string) => {
      this.done = words;
      draw();
    };
    this.discard = new TwicePressed(
      {
        name: t("Discard changes"),
        really: t("Really discard?"),
        warning: t("Press once more: the changes are gone then."),
        act: discard,
        say,
      },
      signal,
    );
    this.taking = takingButtons({ copy: t("Copy my text"), text, fileName, say });
  }

  /** The box about changes that were not saved; it is there without any, for only then its words are read aloud. */
  box(unsent: Unsent | null): TemplateResult {
    if (!unsent) this.forget();
    return html`<div class="tnb-unsent" role="group" aria-label=${t("Changes that were not saved")} ?hidden=${!unsent}>
      ${symbol("⚠")}
      <div class="tnb-unsent-content">
        <p role="alert">${unsent?.words ?? ""}</p>
        <div class="tnb-unsent-buttons">
          ${this.taking}${this.discard.button()}<span role="status" aria-live="polite">${this.done}</span>
        </div>
      </div>
    </div>`;
  }

  private forget(): void {
    this.discard.forget();
    this.done = "";
  }
}
