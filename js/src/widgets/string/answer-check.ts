// Checking an answer: the kernel compares it, and says no more than whether it is right, and a hint.
import { html, nothing, type TemplateResult } from "lit-html";
import { Refused } from "../../jupyter/channel";
import type { LiveSession } from "../../live/live-session";
import { t } from "../../text/words";
import { symbol } from "../../ui/elements";

interface Verdict {
  text?: unknown;
  verdict?: unknown;
  hint?: unknown;
}

export class AnswerCheck {
  private isAsking = false;
  /** Why the kernel did not say anything. */
  private refusal = "";

  /** `draw` draws the widget anew. */
  constructor(
    private readonly session: LiveSession,
    private readonly draw: () => void,
  ) {}

  /** Compare what stands here now; the kernel may know an older text. */
  press(): void {
    if (this.isUseless || !this.isThere) return;
    void this.ask();
  }

  get line(): TemplateResult | typeof nothing {
    if (!this.isThere) return nothing;
    const { sign, tone, words } = this.shown;
    return html`<div class="tnb-check"><button type="button" class="tnb-button" ?disabled=${this.isUseless}
        @click=${() => this.press()}><span>${t("Check")}</span></button
      ><span role="status" aria-live="polite" data-tone=${tone}>${sign ? symbol(sign) : nothing} ${words}</span></div>`;
  }

  private get isThere(): boolean {
    return this.session.model.get("is_checked") === true;
  }

  private get isUseless(): boolean {
    return this.session.signal.aborted || !this.session.live.isSynced;
  }

  private get text(): string {
    return this.session.live.text?.toString() ?? "";
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    this.refusal = "";
    this.draw();
    try {
      await this.session.channel.ask("check_answer", { text: this.text });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.refusal = error.message;
    }
    this.isAsking = false;
    this.draw();
  }

  private get shown(): { sign: string; tone: string; words: string } {
    if (this.isAsking) return { sign: "", tone: "", words: t("Checking …") };
    if (this.refusal)
      return { sign: "✗", tone: "bad", words: t("That did not work: {why}.", { why: this.refusal }) };
    const { text, verdict, hint } = (this.session.model.get("verdict") ?? {}) as Verdict;
    // It is about that text, and no other.
    if (!verdict || text !== this.text) return { sign: "", tone: "", words: "" };
    if (verdict === "right") return { sign: "✓", tone: "good", words: t("Right.") };
    const words = verdict === "no-number" ? t("Not right yet: a number is expected.") : t("Not right yet.");
    return {
      sign: "✗",
      tone: "warn",
      words: hint ? `${words} ${t("Hint: {hint}", { hint: String(hint) })}` : words,
    };
  }
}
