// The save state in a symbol and words, spoken politely but not with every keystroke.
import { h, setText, symbol } from "../ui/dom";
import type { SaveShown } from "./save-state";

const HOLD = 400;
const SPEAK_AFTER = 1200;

export class StatusLine {
  private readonly sign = symbol("");
  private readonly words = h("span", { class: "tnb-status-words" });
  private readonly spoken = h("span", { class: "tnb-hidden", role: "status", "aria-live": "polite" });
  readonly el = h("div", { class: "tnb-status" }, this.sign, this.words, this.spoken);
  readonly detail = h("p", { class: "tnb-detail", hidden: true });
  private heldUntil = 0;
  private next: SaveShown | null = null;
  private toSpeak = "";
  private holdTimer: ReturnType<typeof setTimeout> | undefined;
  private speakTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => {
      clearTimeout(this.holdTimer);
      clearTimeout(this.speakTimer);
    });
  }

  /** Show a state; “Saving …” stays for a moment, so that typing does not make the line flicker. */
  update(shown: SaveShown, now = Date.now()): void {
    this.next = shown;
    const rest = this.heldUntil - now;
    if (shown.tone === "good" && rest > 0) {
      this.holdTimer ??= setTimeout(() => this.showHeld(), rest);
      return;
    }
    if (shown.tone === "busy") this.heldUntil = now + HOLD;
    this.show(shown);
  }

  private showHeld(): void {
    this.holdTimer = undefined;
    if (this.next) this.update(this.next);
  }

  private show(shown: SaveShown): void {
    this.el.dataset.tone = shown.tone;
    setText(this.sign, shown.symbol);
    setText(this.words, shown.words);
    this.el.title = shown.detail;
    const isShort = shown.tone === "busy" || shown.tone === "quiet";
    this.detail.hidden = isShort || !shown.detail;
    this.detail.dataset.tone = shown.tone;
    setText(this.detail, shown.detail);
    if (shown.tone === "busy") this.stopSpeaking();
    else this.speakSoon(`${shown.words}. ${shown.detail}`.trim());
  }

  private stopSpeaking(): void {
    clearTimeout(this.speakTimer);
    this.toSpeak = this.spoken.textContent ?? "";
  }

  private speakSoon(sentence: string): void {
    // The same state comes again with every tick; it must not put itself off.
    if (sentence === this.toSpeak) return;
    this.toSpeak = sentence;
    clearTimeout(this.speakTimer);
    this.speakTimer = setTimeout(() => setText(this.spoken, sentence), SPEAK_AFTER);
  }
}
