// The sentence for what went wrong; users never have to open the console.

import { html, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import { symbol } from "../ui/elements";

export class Problem {
  private dismissed = "";

  /** `draw` draws the widget anew. */
  constructor(private readonly draw: () => void) {}

  isDismissed(words: string): boolean {
    return words !== "" && words === this.dismissed;
  }

  /** The box with these words; it is there without any too, for only then screen readers hear of its words. */
  box(words: string): TemplateResult {
    // The same words are news again when they were gone meanwhile.
    if (!words) this.dismissed = "";
    const dismiss = () => {
      this.dismissed = words;
      this.draw();
    };
    return html`<div class="tnb-problem" role="alert" ?hidden=${!words || this.isDismissed(words)}>
      ${symbol("⚠")}<span>${words}</span
      ><button type="button" class="tnb-button tnb-plain" aria-label=${t("Dismiss message")} @click=${dismiss}>✕</button>
    </div>`;
  }
}
