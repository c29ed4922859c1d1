// What can be done with a text that is nowhere else: copy it, download it, or decide about it with two presses.

import { html, type TemplateResult } from "lit-html";
import { t } from "../text/words";
import { elementOf } from "./elements";

/** So long a second press counts as the answer to “really?”. */
const UNDECIDED = 8_000;

export type Say = (words: string) => void;

export interface Taking {
  /** Name of the button. */
  copy: string;
  text: () => string;
  fileName: () => string;
  say: Say;
}

/** Two buttons with which the user takes a text elsewhere. */
export function takingButtons(taking: Taking): TemplateResult {
  return html`<button type="button" class="tnb-button" @click=${() => copyText(taking)}>${taking.copy}</button
    ><button type="button" class="tnb-button" @click=${() => downloadText(taking)}>${t("Download")}</button>`;
}

export interface Decision {
  name: string;
  /** Name of the button after the first press, and what is said then. */
  really: string;
  warning: string;
  act: () => void;
  say: Say;
}

/** A button for what cannot be undone. */
export class TwicePressed {
  private asks = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly decision: Decision,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  button(isDisabled = false): TemplateResult {
    const { name, really } = this.decision;
    return html`<button type="button" class="tnb-button" data-asks=${this.asks} ?disabled=${isDisabled}
      @click=${() => this.press()} @blur=${() => this.reset()}
      >${this.asks ? really : name}</button>`;
  }

  /** Forget the first press, and say nothing of it. */
  forget(): void {
    this.ask(false);
  }

  private reset(): void {
    if (!this.asks) return;
    this.forget();
    this.decision.say("");
  }

  private press(): void {
    const { act, say, warning } = this.decision;
    const isAnswer = this.asks;
    this.ask(!isAnswer);
    if (isAnswer) act();
    say(isAnswer ? "" : warning);
  }

  private ask(asks: boolean): void {
    clearTimeout(this.timer);
    if (asks) this.timer = setTimeout(() => this.reset(), UNDECIDED);
    this.asks = asks;
  }
}

async function copyText({ text, say }: Taking): Promise<void> {
  const isCopied = await copied(text());
  say(isCopied ? t("Copied.") : t("Copying is not allowed here: use Download."));
}

function downloadText({ text, fileName, say }: Taking): void {
  const url = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
  const name = fileName();
  elementOf(html`<a href=${url} download=${name}></a>`).click();
  setTimeout(() => URL.revokeObjectURL(url), UNDECIDED);
  say(t("Downloaded as {name}.", { name }));
}

/** Put text on the clipboard; where the page has no right to (no https), in the old way. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedFromField(text);
  }
}

function copiedFromField(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "tnb-hidden";
  field.setAttribute("aria-hidden", "true");
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
