// A text as the front end draws Markdown, which it takes for something that nobody vouches for; else as it is.
import { html, nothing, type TemplateResult } from "lit-html";
import { drawnByFrontEnd } from "../jupyter/manager";
import type { Model } from "../jupyter/widget";
import css from "./drawn-markdown.css";

export { css as markdownStyle };

const MARKDOWN = "text/markdown";

/** Drawn anew only when the text has changed. */
export class DrawnMarkdown {
  private text: string | null = null;
  private shown: unknown = nothing;
  private life = new AbortController();

  constructor(
    private readonly model: Model,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.life.abort());
  }

  of(text: string): TemplateResult {
    if (text !== this.text) {
      this.text = text;
      this.life.abort();
      this.life = new AbortController();
      if (this.signal.aborted) this.life.abort();
      const bundle = { data: { [MARKDOWN]: text }, metadata: {} };
      this.shown =
        drawnByFrontEnd(this.model, MARKDOWN, bundle, this.life.signal) ?? html`<pre>${text}</pre>`;
    }
    return html`<div class="tnb-drawn">${this.shown}</div>`;
  }
}
