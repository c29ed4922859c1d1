// What stands around every document, drawn once, here: title, save state, problems, how it is shared, the way out.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Channel } from "../jupyter/channel";
import { followTraits, type Model, textOf, type View } from "../jupyter/widget";
import { Problem } from "../status/problem";
import { describeSave, type SaveInput } from "../status/save-state";
import { SAVE_TRAITS } from "../status/saved-model";
import { StatusLine } from "../status/status-line";
import { sentence } from "../text/sentence";
import { said, t } from "../text/words";
import { symbol } from "../ui/elements";
import { drawKeepingFocus, focusBeside } from "../ui/focus";
import { keepKeys } from "../ui/keys";
import { addStyle } from "../ui/styles";

/** Waiting grows without anything happening. */
const TICK = 500;

/** What the views of one widget have in common. */
export interface Home {
  readonly model: Model;
  readonly channel: Channel;
  /** Aborts when nobody in the kernel listens any more. */
  readonly signal: AbortSignal;
}

/** What a document puts into its frame. */
export interface Parts {
  /** In the heading: before the title, behind it, and behind the save state. */
  lead?: unknown;
  people?: unknown;
  tools?: unknown;
  /** In the place of the title, for a document that shows it by itself. */
  heading?: unknown;
  /** Below the heading. */
  body?: unknown;
}

export interface FrameContent {
  name: string;
  css: string;
  /** Traits beside those of all documents that the parts depend on. */
  traits: readonly string[];
  saving: () => SaveInput;
  /** Called before the save state is looked at anew. */
  refresh?: () => void;
  parts: () => Parts;
  /** What went wrong on this page; empty when all is well. */
  problem?: () => string;
}

export class Frame {
  /** The whole widget. */
  readonly box: HTMLElement;
  private readonly status: StatusLine;
  private readonly problem: Problem;
  /** Has the focus go on when the user has closed this. */
  private goOn = () => {};

  constructor(
    private readonly home: Home,
    { el, signal }: View,
    private readonly content: FrameContent,
  ) {
    this.status = new StatusLine(() => this.draw(), signal);
    this.problem = new Problem(() => this.update());
    this.box = document.createElement("section");
    this.box.className = `tnb-widget tnb-${content.name}`;
    addStyle(el, content.name, content.css);
    keepKeys(this.box, signal);
    el.append(this.box);
    const ticking = setInterval(() => this.update(), TICK);
    signal.addEventListener("abort", () => {
      clearInterval(ticking);
      // When the front end has taken the view out of the page.
      setTimeout(this.goOn);
    });
    home.signal.addEventListener("abort", () => this.update(), { signal });
  }

  /** Begin to draw, now that the document is ready to be asked for its parts. */
  start(signal: AbortSignal): void {
    const traits = [...SAVE_TRAITS, "title", "notice", "problem", "is_closable", ...this.content.traits];
    followTraits(this.home.model, traits, signal, () => this.update());
  }

  /** Something may have changed. */
  update(): void {
    this.content.refresh?.();
    const saving = this.content.saving();
    // Who has dismissed why something was refused has done with it.
    const isTakenBack = saving.isTakenBack === true && !this.problem.isDismissed(this.trouble);
    this.status.update(describeSave({ ...saving, isTakenBack }));
    this.draw();
  }

  private get trouble(): string {
    return said(textOf(this.home.model, "problem")) || (this.content.problem?.() ?? "");
  }

  /** Draw what has changed by itself. */
  draw(): void {
    const parts = this.content.parts();
    const title = textOf(this.home.model, "title");
    // A document that shows its title by itself needs no region of that name around it.
    if (parts.heading === undefined) this.box.setAttribute("aria-label", title || this.content.name);
    drawKeepingFocus(this.box, () => render(this.template(parts, title), this.box));
  }

  private template({ lead, heading, people, tools, body }: Parts, title: string): TemplateResult {
    const { model } = this.home;
    return html`<div class="tnb-head"
        >${lead}${heading ?? html`<span class="tnb-title">${title}</span>`}${people}${this.status.line}${tools}${this.wayOut(title)}</div
      >${this.problem.box(this.trouble)}
      ${noticeBox(sentence(textOf(model, "notice")))}${this.status.detail}${body}`;
  }

  private wayOut(title: string): unknown {
    if (this.home.model.get("is_closable") !== true) return nothing;
    const name = t("Close {title}", { title });
    const close = (event: Event) => {
      this.goOn = focusBeside(event.currentTarget as HTMLElement);
      this.home.channel.send("close");
    };
    return html`<button type="button" class="tnb-button tnb-plain" aria-label=${name} title=${name} @click=${close}>✕</button>`;
  }
}

/** How a document is shared, where that is not what the notebook asks for. */
function noticeBox(notice: string): TemplateResult {
  return html`<div class="tnb-sharing" ?hidden=${!notice}
    >${symbol("ℹ")}<span role="status" aria-live="polite">${notice}</span></div>`;
}
