// What to do with changes that were not saved: copy the text, download it, or give the changes up.
import { h, setText, symbol } from "./dom";
import type { Unsent } from "./save-state";

/** So long a second press of “Discard” counts as the answer to “really?”. */
const UNDECIDED = 8_000;

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
  private readonly discard = button("Discard changes");
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: UnsentOptions,
    signal: AbortSignal,
  ) {
    const copy = button("Copy my text");
    const download = button("Download");
    copy.addEventListener("click", () => this.copy(), { signal });
    download.addEventListener("click", () => this.download(), { signal });
    this.discard.addEventListener("click", () => this.decide(), { signal });
    this.discard.addEventListener("blur", () => this.ask(false), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    const buttons = h("div", { class: "tnb-unsent-buttons" }, copy, download, this.discard, this.done);
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
    this.ask(false);
    setText(this.words, "");
    setText(this.done, "");
  }

  private async copy(): Promise<void> {
    const isCopied = await copied(this.options.text());
    setText(this.done, isCopied ? "Copied." : "Copying is not allowed here: use Download.");
  }

  private download(): void {
    const url = URL.createObjectURL(new Blob([this.options.text()], { type: "text/plain" }));
    const name = this.options.fileName();
    h("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), UNDECIDED);
    setText(this.done, `Downloaded as ${name}.`);
  }

  private decide(): void {
    if (this.discard.dataset.asks === "true") {
      this.ask(false);
      this.options.discard();
      return;
    }
    this.ask(true);
    setText(this.done, "Press once more: the changes are gone then.");
  }

  private ask(asks: boolean): void {
    clearTimeout(this.timer);
    if (asks) this.timer = setTimeout(() => this.ask(false), UNDECIDED);
    else if (this.discard.dataset.asks === "true") setText(this.done, "");
    this.discard.dataset.asks = String(asks);
    setText(this.discard, asks ? "Really discard?" : "Discard changes");
  }
}

function button(name: string): HTMLButtonElement {
  return h("button", { type: "button", class: "tnb-button" }, name);
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
