// The history of a text: below the editor a slider through all versions, with the differences to the present text.
// Restoring makes a new version; nothing is overwritten.

import { html, render, type TemplateResult } from "lit-html";
import { Refused } from "../jupyter/channel";
import { Timer } from "../live/timer";
import { t } from "../text/words";
import { focusedBeside, symbol } from "../ui/elements";
import { addStyle } from "../ui/styles";
import css from "./history.css";
import type { Past, VersionEntry } from "./history-asks";
import { describeDifferences, describePlace, describeVersion } from "./history-words";
import { VersionView } from "./version-view";

/** So long nothing is said about waiting. */
const QUIET_FOR = 700;
/** The slider rests so long on a version before its text is asked for. */
const SETTLE = 120;
/** How often the differences are compared with what the editor shows by now. */
const FOLLOW = 500;

export interface PanelOptions {
  past: Past;
  /** What the panel stands in, and how long. */
  home: HTMLElement;
  signal: AbortSignal;
  hasLineNumbers: boolean;
  id: string;
  /** Draw the widget anew: the panel has opened or closed. */
  draw: () => void;
  /** Put the focus on the button that opens the panel. */
  toButton: () => void;
}

export class HistoryPanel {
  readonly el = document.createElement("section");
  isOpen = false;

  private readonly past: Past;
  private readonly holder = document.createElement("div");
  private readonly text: VersionView;
  private versions: VersionEntry[] = [];
  private readonly texts = new Map<number, string>();
  /** Which version the slider stands on. */
  private index = 0;
  private differs = false;
  private words = "";
  /** What was asked for last did not work, and can be tried again. */
  private isBad = false;
  /** Pixels of the tallest version that has been shown since the history was opened. */
  private height = 0;
  /** Grows with every question; an answer to an older one is not shown any more. */
  private turn = 0;
  private readonly settling = new Timer(() => void this.show());
  private following: ReturnType<typeof setInterval> | undefined;
  private waitingTimer: ReturnType<typeof setInterval> | undefined;
  private isRestoring = false;
  /** Said instead of the differences until the slider moves. */
  private news = "";
  private retry: () => void = () => {};

  constructor(private readonly options: PanelOptions) {
    const { past, home, signal, id } = options;
    this.past = past;
    addStyle(home, "history", css);
    Object.assign(this.el, { className: "tnb-history", id, hidden: true });
    this.holder.className = "tnb-editor tnb-difference tnb-history-text";
    this.text = new VersionView(this.holder, options, signal);
    this.el.addEventListener("keydown", (event) => this.closeBy(event), { signal });
    past.onChange(() => this.draw(), signal);
    signal.addEventListener("abort", () => this.rest());
  }

  open({ takesFocus }: { takesFocus: boolean }): void {
    this.height = 0;
    this.setOpen(true);
    this.el.setAttribute("aria-label", t("History of {title}", { title: this.past.title }));
    this.following = setInterval(() => this.followPresent(), FOLLOW);
    if (takesFocus) this.find(".tnb-history-head .tnb-plain")?.focus();
    this.bringIntoView();
    void this.load();
  }

  private closeBy(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    // The key has done its work, and leads no further.
    event.preventDefault();
    this.hide();
  }

  hide(): void {
    if (!this.isOpen) return;
    const hadFocus = this.el.contains(focusedBeside(this.el));
    this.turn += 1;
    this.rest();
    this.setOpen(false);
    if (hadFocus) this.options.toButton();
  }

  private setOpen(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.el.hidden = !isOpen;
    this.draw();
    this.options.draw();
  }

  private rest(): void {
    this.settling.cancel();
    clearInterval(this.following);
    this.endWaiting();
  }

  /** Ask for all versions, and show the newest. */
  private async load(done = ""): Promise<void> {
    this.texts.clear();
    this.news = "";
    this.retry = () => void this.load(done);
    const versions = await this.asking(this.past.versions(), t("Asking the hub for the history …"));
    if (!versions) return;
    this.versions = versions;
    this.index = versions.length - 1;
    if (!this.hasVersions) {
      this.say(t("There is no earlier version yet: history begins with the first edit."));
      return;
    }
    const focused = focusedBeside(this.el);
    this.draw();
    if (focused instanceof HTMLButtonElement && this.el.contains(focused)) this.slider?.focus();
    this.news = done;
    await this.show();
  }

  private moveTo(index: number): void {
    this.index = index;
    this.news = "";
    this.draw();
    this.settling.start(SETTLE);
  }

  private step(event: Event, by: number): void {
    this.moveTo(this.index + by);
    // A button that has become useless would keep the focus, and nobody could leave it by keyboard.
    if ((event.currentTarget as HTMLButtonElement).disabled) this.slider?.focus();
  }

  private get chosen(): VersionEntry | undefined {
    return this.versions[this.index];
  }

  private get hasVersions(): boolean {
    return this.versions.length > 1;
  }

  private get isNewest(): boolean {
    return this.index === this.versions.length - 1;
  }

  private get present(): string {
    return this.past.present();
  }

  /** Show the version on which the slider stands; the newest one is what the editor shows. */
  private async show(): Promise<void> {
    const version = this.chosen;
    if (!version || this.isRestoring) return;
    this.retry = () => void this.show();
    const known = this.isNewest ? this.present : this.texts.get(version.number);
    const asked = () => this.past.text(version.number);
    const text = known ?? (await this.asking(asked(), t("Fetching this version …")));
    if (text === null || version !== this.chosen) return;
    this.texts.set(version.number, text);
    if (known !== undefined) this.turn += 1;
    this.compare(text, version);
    this.bringIntoView();
  }

  private compare(text: string, version: VersionEntry): void {
    const { present } = this;
    const name = t("Text of the version of {version}", {
      version: describeVersion(version, new Date()),
    });
    const count = this.text.show(text, present, name);
    this.differs = text !== present;
    this.say(this.news || describeDifferences(count, text === present));
  }

  /** What is to be pressed counts more than the text below it, where the page has no room for both. */
  private bringIntoView(): void {
    this.keepHeight();
    this.el.scrollIntoView({ block: "nearest" });
    this.find(".tnb-history-head")?.scrollIntoView({ block: "nearest" });
  }

  /** A version may be shorter than the one before; what is pressed would move away under the pointer. */
  private keepHeight(): void {
    const { offsetHeight } = this.holder;
    if (offsetHeight > this.height) this.height = offsetHeight;
    this.holder.style.setProperty("--tnb-tallest", `${this.height}px`);
  }

  /** Somebody edits while the history is open: the differences are those to what the editor shows. */
  private followPresent(): void {
    const version = this.chosen;
    if (!this.isOpen || !this.hasVersions || !version || this.isRestoring || this.waitingTimer) return;
    const text = this.isNewest ? this.present : this.texts.get(version.number);
    if (text !== undefined) this.compare(text, version);
  }

  private async bringBack(): Promise<void> {
    const version = this.chosen;
    if (!version || this.isRestoring) return;
    this.isRestoring = true;
    this.retry = () => void this.bringBack();
    const restored = this.past.restore(version.number).then(() => true);
    const isDone = await this.asking(restored, t("Restoring this version …"));
    this.isRestoring = false;
    this.draw();
    if (isDone) await this.load(t("Restored. What was there before is in the history, too."));
  }

  /** Wait for an answer, in words; null when there is none, or when something else is asked for by now. */
  private async asking<T>(answer: Promise<T>, words: string): Promise<T | null> {
    this.turn += 1;
    const { turn } = this;
    this.wait(words);
    try {
      const found = await answer;
      if (turn !== this.turn) return null;
      this.endWaiting();
      return found;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (turn !== this.turn) return null;
      this.endWaiting();
      this.isRestoring = false;
      this.say(t("That did not work: {why}.", { why: error.message }), true);
      return null;
    }
  }

  private wait(words: string): void {
    this.endWaiting();
    this.isBad = false;
    this.draw();
    const since = Date.now();
    const tell = () => {
      const isLong = Date.now() - since > 2 * QUIET_FOR;
      this.say((isLong && this.past.delay()) || words);
    };
    this.waitingTimer = setInterval(tell, QUIET_FOR);
  }

  private endWaiting(): void {
    clearInterval(this.waitingTimer);
    this.waitingTimer = undefined;
  }

  private say(words: string, isBad = false): void {
    this.words = words;
    this.isBad = isBad;
    this.draw();
  }

  private find(selector: string): HTMLElement | null {
    return this.el.querySelector<HTMLElement>(selector);
  }

  private get slider(): HTMLElement | null {
    return this.find(".tnb-history-slider");
  }

  private draw(): void {
    this.el.dataset.differs = String(this.differs);
    this.el.dataset.readOnly = String(!this.past.mayRestore());
    render(
      html`<div class="tnb-history-head"><strong>${t("History")}</strong
          ><p class="tnb-history-words" role="status" aria-live="polite" data-tone=${this.isBad ? "bad" : ""}
            >${this.words}</p
          ><button type="button" class="tnb-button" ?hidden=${!this.isBad} @click=${() => this.retry()}
            ><span>${t("Try again")}</span></button
          ><button type="button" class="tnb-button tnb-plain" aria-label=${t("Close history")} title=${t("Close history")}
            @click=${() => this.hide()}>✕</button></div>
        <div ?hidden=${!this.hasVersions}>${this.controls()}${this.facts()}
          <p class="tnb-history-legend"><span class="tnb-history-back">${t("only in this version")}</span
            ><span class="tnb-history-gone">${t("only in the present text")}</span></p>
          ${this.holder}</div>`,
      this.el,
    );
  }

  private get place(): [place: string, who: string] {
    const version = this.chosen;
    if (!version) return ["", ""];
    return [describePlace(this.index, this.versions.length), describeVersion(version, new Date())];
  }

  private controls(): TemplateResult {
    const move = (event: Event) => this.moveTo(Number((event.currentTarget as HTMLInputElement).value));
    return html`<div class="tnb-history-controls"
      ><button type="button" class="tnb-button" aria-label=${t("Older")} ?disabled=${this.index <= 0} @click=${(event: Event) => this.step(event, -1)}
        >${symbol("‹")}<span>${t("Older")}</span></button
      ><input type="range" class="tnb-history-slider" min="0" step="1" max=${Math.max(0, this.versions.length - 1)}
        .value=${String(this.index)} aria-label=${t("Version")} aria-valuetext=${this.place.join(": ")} @input=${move}
      /><button type="button" class="tnb-button" aria-label=${t("Newer")} ?disabled=${this.isNewest} @click=${(event: Event) => this.step(event, 1)}
        >${symbol("›")}<span>${t("Newer")}</span></button></div>`;
  }

  private facts(): TemplateResult {
    const [place, who] = this.place;
    const isUseless = this.isNewest || this.isRestoring || !this.chosen;
    return html`<div class="tnb-history-facts"><span><strong>${place}</strong> · <span>${who}</span></span
      ><button type="button" class="tnb-button" ?hidden=${!this.past.mayRestore()} ?disabled=${isUseless}
        @click=${() => void this.bringBack()}>${symbol("↺")}<span>${t("Restore this version")}</span></button
      ><span class="tnb-history-note">${t("You may look at earlier versions; only who may change this text can restore one.")}</span></div>`;
  }
}
