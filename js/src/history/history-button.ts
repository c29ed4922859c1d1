// The button in the heading that opens the history of a text. Most are never pressed: what it opens is loaded then.

import { html, nothing, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import { freshId, symbol } from "../ui/elements";
import { unmovedFocus } from "../ui/focus";
import type { Past } from "./history-asks";
import type { HistoryPanel } from "./history-panel";

export interface HistoryOptions {
  past: Past;
  /** What the button stands in, and how long. */
  home: HTMLElement;
  signal: AbortSignal;
  hasLineNumbers: boolean;
  /** Draw the widget anew. */
  draw: () => void;
}

export class HistoryButton {
  private readonly id = freshId();
  private panel: HistoryPanel | null = null;
  private isLoading = false;
  /** Why the history could not be loaded. */
  private failure = "";

  constructor(private readonly options: HistoryOptions) {}

  get button(): TemplateResult {
    return html`<button type="button" class="tnb-button tnb-plain tnb-history-button" ?hidden=${!this.mayLook}
      id="${this.id}-button" aria-controls=${this.panel ? this.id : nothing} aria-expanded=${this.panel?.isOpen === true}
      aria-label=${t("History")} title=${t("Look at earlier versions of this text")} @click=${() => void this.press()}
      >${symbol("◴")}<span>${t("History")}</span></button>`;
  }

  /** What the button opens. */
  get el(): unknown {
    if (this.panel) return this.panel.el;
    const words = this.failure || (this.isLoading ? t("Loading the history …") : "");
    return words ? html`<p class="tnb-detail" role="status">${words}</p>` : nothing;
  }

  /** Close the history of somebody who may not look at it any more. */
  consider(): void {
    if (!this.mayLook) this.panel?.hide();
  }

  private get mayLook(): boolean {
    return this.options.past.mayLook();
  }

  private async press(): Promise<void> {
    if (this.isLoading) return;
    if (this.panel?.isOpen) {
      this.panel.hide();
      return;
    }
    const isUnmoved = unmovedFocus(this.options.home);
    await this.load();
    // Whoever has gone on elsewhere while it was loaded types there.
    this.panel?.open({ takesFocus: isUnmoved() });
  }

  private async load(): Promise<void> {
    if (this.panel) return;
    const { signal, draw } = this.options;
    this.isLoading = true;
    this.failure = "";
    draw();
    try {
      const { HistoryPanel } = await import("./history-panel");
      if (signal.aborted) return;
      this.panel = new HistoryPanel({ ...this.options, id: this.id, toButton: () => this.focus() });
    } catch (error) {
      this.failure = t("The history could not be loaded: {reason}. Press the button again.", {
        reason: (error as Error).message,
      });
    }
    this.isLoading = false;
    draw();
  }

  private focus(): void {
    const button = this.options.home.querySelector<HTMLButtonElement>(`#${this.id}-button`);
    if (button && !button.hidden) button.focus();
  }
}
