// What can be done with a text that is nowhere else: copy it, download it, or decide about it with two presses.
import { h, setText } from "./dom";

/** So long a second press counts as the answer to “really?”. */
const UNDECIDED = 8_000;

export type Say = (words: string) => void;

export function button(name: string): HTMLButtonElement {
  return h("button", { type: "button", class: "tnb-button" }, name);
}

export interface Taking {
  /** Name of the button. */
  copy: string;
  text: () => string;
  fileName: () => string;
  say: Say;
}

/** Two buttons with which the user takes a text elsewhere. */
export function takingButtons(taking: Taking, signal: AbortSignal): HTMLButtonElement[] {
  const copy = button(taking.copy);
  const download = button("Download");
  copy.addEventListener("click", () => void copyText(taking), { signal });
  download.addEventListener("click", () => downloadText(taking), { signal });
  return [copy, download];
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
  readonly el: HTMLButtonElement;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly decision: Decision,
    signal: AbortSignal,
  ) {
    this.el = button(decision.name);
    this.el.addEventListener("click", () => this.press(), { signal });
    this.el.addEventListener("blur", () => this.reset(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  /** Forget the first press. */
  reset(): void {
    if (!this.asks) return;
    this.ask(false);
    this.decision.say("");
  }

  private get asks(): boolean {
    return this.el.dataset.asks === "true";
  }

  private press(): void {
    if (this.asks) {
      this.ask(false);
      this.decision.act();
      return;
    }
    this.ask(true);
    this.decision.say(this.decision.warning);
  }

  private ask(asks: boolean): void {
    clearTimeout(this.timer);
    if (asks) this.timer = setTimeout(() => this.reset(), UNDECIDED);
    this.el.dataset.asks = String(asks);
    setText(this.el, asks ? this.decision.really : this.decision.name);
  }
}

async function copyText({ text, say }: Taking): Promise<void> {
  const isCopied = await copied(text());
  say(isCopied ? "Copied." : "Copying is not allowed here: use Download.");
}

function downloadText({ text, fileName, say }: Taking): void {
  const url = URL.createObjectURL(new Blob([text()], { type: "text/plain" }));
  const name = fileName();
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), UNDECIDED);
  say(`Downloaded as ${name}.`);
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
  const field = h("textarea", { class: "tnb-hidden", "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
