// The history of a text: a button in the heading, and below the editor a slider through all versions, with the
// differences to the present text. Restoring makes a new version; nothing is overwritten.

import { kernelStatus } from "../jupyter/manager";
import { followTraits, textOf, type View } from "../jupyter/widget";
import type { LiveSession } from "../live/live-session";
import { mayWrite } from "../status/saved-model";
import { freshId, h, setText, symbol } from "../ui/dom";
import { addStyle } from "../ui/styles";
import css from "./history.css";
import { HistoryAsks, Refused, type VersionEntry } from "./history-asks";
import { describeDifferences, describePlace, describeVersion } from "./history-words";
import { VersionView } from "./version-view";

/** So long nothing is said about waiting. */
const QUIET_FOR = 700;
/** The slider rests so long on a version before its text is asked for. */
const SETTLE = 120;
/** How often the differences are compared with what the editor shows by now. */
const FOLLOW = 500;
const TRAITS = ["has_history", "access"];
const ONLY_WRITERS = "You may look at earlier versions; only who may change this text can restore one.";

/** Returns the button for the heading and the panel for the body of a live editor. */
export function historyOf(session: LiveSession, view: View, isCode: boolean): HistoryPanel {
  addStyle(view.el, "history", css);
  return new HistoryPanel(session, view, isCode);
}

export class HistoryPanel {
  readonly button = h("button", {
    type: "button",
    class: "tnb-button tnb-plain tnb-history-button",
    "aria-expanded": "false",
  });
  readonly el: HTMLElement;

  private readonly asks: HistoryAsks;
  private readonly slider = h("input", { type: "range", class: "tnb-history-slider", min: "0", step: "1" });
  private readonly older = button("‹", "Older");
  private readonly newer = button("›", "Newer");
  private readonly restore = button("↺", "Restore this version");
  private readonly close = h(
    "button",
    { type: "button", class: "tnb-button tnb-plain", "aria-label": "Close history", title: "Close history" },
    "✕",
  );
  private readonly place = h("strong");
  private readonly who = h("span");
  private readonly words = h("p", { class: "tnb-history-words", role: "status", "aria-live": "polite" });
  private readonly again = button("", "Try again");
  private readonly controls: HTMLElement;
  private readonly reader: HTMLElement;
  private readonly text: VersionView;

  private versions: VersionEntry[] = [];
  private readonly texts = new Map<number, string>();
  /** Grows with every question; an answer to an older one is not shown any more. */
  private turn = 0;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private following: ReturnType<typeof setInterval> | undefined;
  private waitingTimer: ReturnType<typeof setInterval> | undefined;
  private isRestoring = false;
  /** Said instead of the differences until the slider moves. */
  private news = "";
  private retry: () => void = () => {};

  constructor(
    private readonly session: LiveSession,
    view: View,
    isCode: boolean,
  ) {
    const { signal } = view;
    this.asks = new HistoryAsks(session.channel, session.model, session.signal);
    this.button.append(symbol("◴"), h("span", {}, "History"));
    this.button.title = "Look at earlier versions of this text";
    const holder = h("div", { class: "tnb-editor tnb-difference tnb-history-text" });
    this.text = new VersionView(holder, { hasLineNumbers: isCode }, signal);
    this.controls = h("div", { class: "tnb-history-controls" }, this.older, this.slider, this.newer);
    this.reader = h("div", {}, this.controls, this.facts(), this.legend(), holder);
    this.el = h(
      "section",
      { class: "tnb-history", id: freshId(), hidden: true },
      h("div", { class: "tnb-history-head" }, h("strong", {}, "History"), this.words, this.again, this.close),
      this.reader,
    );
    this.button.setAttribute("aria-controls", this.el.id);
    this.listen(signal);
    followTraits(session.model, TRAITS, signal, () => this.considerAccess());
  }

  get isOpen(): boolean {
    return !this.el.hidden;
  }

  private listen(signal: AbortSignal): void {
    const on = (element: HTMLElement, event: string, act: () => void) =>
      element.addEventListener(event, act, { signal });
    on(this.button, "click", () => (this.isOpen ? this.hide() : this.open()));
    on(this.close, "click", () => this.hide());
    on(this.slider, "input", () => this.moved());
    on(this.older, "click", () => this.step(-1));
    on(this.newer, "click", () => this.step(1));
    on(this.restore, "click", () => void this.bringBack());
    on(this.again, "click", () => this.retry());
    this.el.addEventListener(
      "keydown",
      (event) => {
        if (event.key === "Escape") this.hide();
      },
      { signal },
    );
    signal.addEventListener("abort", () => {
      clearTimeout(this.settling);
      clearInterval(this.following);
      this.endWaiting();
    });
  }

  private open(): void {
    this.el.hidden = false;
    this.el.setAttribute("aria-label", `History of ${textOf(this.session.model, "title")}`);
    this.button.setAttribute("aria-expanded", "true");
    this.following = setInterval(() => this.followPresent(), FOLLOW);
    this.close.focus();
    void this.load();
  }

  private hide(): void {
    if (!this.isOpen) return;
    const hadFocus = this.el.contains(this.focused());
    this.el.hidden = true;
    this.turn += 1;
    clearInterval(this.following);
    this.endWaiting();
    this.button.setAttribute("aria-expanded", "false");
    if (hadFocus && !this.button.hidden) this.button.focus();
  }

  private considerAccess(): void {
    this.button.hidden = this.session.model.get("has_history") !== true;
    if (this.button.hidden) this.hide();
    this.showRestore();
  }

  /** Ask for all versions, and show the newest. */
  private async load(done = ""): Promise<void> {
    this.texts.clear();
    this.news = "";
    if (!this.versions.length) this.reader.hidden = true;
    this.retry = () => void this.load(done);
    const versions = await this.asking(this.asks.versions(), "Asking the hub for the history …");
    if (!versions) return;
    this.versions = versions;
    this.reader.hidden = versions.length < 2;
    if (versions.length < 2) {
      this.say("There is no earlier version yet: history begins with the first edit.");
      return;
    }
    const hadFocus = this.focused() === this.close || this.focused() === this.restore;
    this.slider.max = String(versions.length - 1);
    this.slider.value = this.slider.max;
    if (hadFocus) this.slider.focus();
    this.news = done;
    await this.show();
  }

  private moved(): void {
    this.news = "";
    this.describe();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => void this.show(), SETTLE);
  }

  private step(by: number): void {
    this.slider.value = String(Number(this.slider.value) + by);
    this.moved();
    // A button that has become useless would keep the focus, and nobody could leave it by keyboard.
    if ((by < 0 ? this.older : this.newer).disabled) this.slider.focus();
  }

  private get chosen(): VersionEntry | undefined {
    return this.versions[Number(this.slider.value)];
  }

  private get isNewest(): boolean {
    return Number(this.slider.value) === this.versions.length - 1;
  }

  private get present(): string {
    return this.session.live.text?.toString() ?? "";
  }

  private describe(): void {
    const version = this.chosen;
    if (!version) return;
    const place = describePlace(Number(this.slider.value), this.versions.length);
    const who = describeVersion(version, new Date());
    setText(this.place, place);
    setText(this.who, who);
    this.slider.setAttribute("aria-label", "Version");
    this.slider.setAttribute("aria-valuetext", `${place}: ${who}`);
    this.older.disabled = Number(this.slider.value) === 0;
    this.newer.disabled = this.isNewest;
    this.showRestore();
  }

  /** Show the version on which the slider stands; the newest one is what the editor shows. */
  private async show(): Promise<void> {
    this.describe();
    const version = this.chosen;
    if (!version || this.isRestoring) return;
    this.retry = () => void this.show();
    const known = this.isNewest ? this.present : this.texts.get(version.number);
    const text = known ?? (await this.asking(this.asks.text(version.number), "Fetching this version …"));
    if (text === null || version !== this.chosen) return;
    this.texts.set(version.number, text);
    if (known !== undefined) this.turn += 1;
    this.draw(text, version);
    this.showRestore();
  }

  private draw(text: string, version: VersionEntry): void {
    const { present } = this;
    const count = this.text.show(
      text,
      present,
      `Text of the version of ${describeVersion(version, new Date())}`,
    );
    this.el.dataset.differs = String(text !== present);
    this.say(this.news || describeDifferences(count, text === present));
  }

  /** Somebody edits while the history is open: the differences are those to what the editor shows. */
  private followPresent(): void {
    const version = this.chosen;
    if (!this.isOpen || this.reader.hidden || !version || this.isRestoring || this.waitingTimer) return;
    const text = this.isNewest ? this.present : this.texts.get(version.number);
    if (text !== undefined) this.draw(text, version);
  }

  private async bringBack(): Promise<void> {
    const version = this.chosen;
    if (!version || this.isRestoring) return;
    this.isRestoring = true;
    this.showRestore();
    this.retry = () => void this.bringBack();
    const isDone = await this.asking(
      this.asks.restore(version.number).then(() => true),
      "Restoring this version …",
    );
    this.isRestoring = false;
    this.showRestore();
    if (isDone) await this.load("Restored. What was there before is in the history, too.");
  }

  private showRestore(): void {
    const isAllowed = mayWrite(this.session.model);
    this.restore.hidden = !isAllowed;
    this.restore.disabled = this.isNewest || this.isRestoring || !this.chosen;
    this.el.dataset.readOnly = String(!isAllowed);
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
      this.say(`That did not work: ${error.message}.`, true);
      return null;
    }
  }

  private wait(words: string): void {
    this.endWaiting();
    this.again.hidden = true;
    const since = Date.now();
    const tell = () => {
      const isBusy = kernelStatus(this.session.model) === "busy" && Date.now() - since > 2 * QUIET_FOR;
      this.say(isBusy ? "The kernel is busy: the history comes when the running cell has ended." : words);
    };
    this.waitingTimer = setInterval(tell, QUIET_FOR);
  }

  private endWaiting(): void {
    clearInterval(this.waitingTimer);
    this.waitingTimer = undefined;
  }

  private say(words: string, isBad = false): void {
    setText(this.words, words);
    this.words.dataset.tone = isBad ? "bad" : "";
    this.again.hidden = !isBad;
  }

  private facts(): HTMLElement {
    const note = h("span", { class: "tnb-history-note" }, ONLY_WRITERS);
    return h(
      "div",
      { class: "tnb-history-facts" },
      h("span", {}, this.place, " · ", this.who),
      this.restore,
      note,
    );
  }

  private legend(): HTMLElement {
    return h(
      "p",
      { class: "tnb-history-legend" },
      h("span", { class: "tnb-history-back" }, "only in this version"),
      h("span", { class: "tnb-history-gone" }, "only in the present text"),
    );
  }

  private focused(): Element | null {
    const root = this.el.getRootNode();
    return root instanceof ShadowRoot ? root.activeElement : document.activeElement;
  }
}

function button(sign: string, name: string): HTMLButtonElement {
  const marks = sign ? [symbol(sign)] : [];
  return h("button", { type: "button", class: "tnb-button" }, ...marks, h("span", {}, name));
}
