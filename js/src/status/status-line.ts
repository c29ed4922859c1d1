// The save state in a symbol and words, spoken politely but not with every keystroke.
import { html, type TemplateResult } from "lit-html";
import { Timer } from "../live/timer";
import { symbol } from "../ui/elements";
import type { SaveShown } from "./save-state";

const HOLD = 400;
const SPEAK_AFTER = 1200;

const NOTHING: SaveShown = { tone: "quiet", symbol: "", words: "", detail: "" };

export class StatusLine {
  private shown = NOTHING;
  private spoken = "";
  private heldUntil = 0;
  private next: SaveShown | null = null;
  private toSpeak = "";
  private readonly holdTimer = new Timer(() => this.showHeld());
  private readonly speakTimer = new Timer(() => this.speak());

  /** `draw` is called when something else is to be seen or spoken without an `update`. */
  constructor(
    private readonly draw: () => void,
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => {
      this.holdTimer.cancel();
      this.speakTimer.cancel();
    });
  }

  get line(): TemplateResult {
    const { tone, symbol: sign, words, detail } = this.shown;
    return html`<div class="tnb-status" data-tone=${tone} title=${detail}>${symbol(
      sign,
    )}<span class="tnb-status-words">${words}</span
      ><span class="tnb-hidden" role="status" aria-live="polite">${this.spoken}</span></div>`;
  }

  /** The sentence below the heading. */
  get detail(): TemplateResult {
    const { tone, detail } = this.shown;
    const isShort = tone === "busy" || tone === "quiet";
    return html`<p class="tnb-detail" data-tone=${tone} ?hidden=${isShort || !detail}>${detail}</p>`;
  }

  /** Take a state; “Saving …” stays for a moment, so that typing does not make the line flicker. */
  update(shown: SaveShown, now = Date.now()): void {
    this.next = shown;
    const rest = this.heldUntil - now;
    if (shown.tone === "good" && rest > 0) {
      if (!this.holdTimer.isWaiting) this.holdTimer.start(rest);
      return;
    }
    if (shown.tone === "busy") this.heldUntil = now + HOLD;
    this.show(shown);
  }

  private showHeld(): void {
    if (this.next) this.update(this.next);
    this.draw();
  }

  private show(shown: SaveShown): void {
    this.shown = shown;
    if (shown.tone === "busy") this.stopSpeaking();
    else this.speakSoon(`${shown.words}. ${shown.detail}`.trim());
  }

  private stopSpeaking(): void {
    this.speakTimer.cancel();
    this.toSpeak = this.spoken;
  }

  private speakSoon(sentence: string): void {
    // The same state comes again with every tick; it must not put itself off.
    if (sentence === this.toSpeak) return;
    this.toSpeak = sentence;
    this.speakTimer.start(SPEAK_AFTER);
  }

  private speak(): void {
    this.spoken = this.toSpeak;
    this.draw();
  }
}
