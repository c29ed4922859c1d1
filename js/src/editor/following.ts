// Following a person: the editor stays where that person's cursor is, until the user does something of their own.

import { EditorView, type ViewUpdate } from "@codemirror/view";
import { html, type TemplateResult } from "lit-html";
import type { Person } from "../live/people";
import { t } from "../text/words";
import { symbol } from "../ui/elements";
import { cursorsMoved, type RemoteCursor, remoteCursorsOf } from "./remote-cursors";

/** Pixels between the followed cursor and the edge of what is seen. */
const MARGIN = 48;

/** What the user does in the editor themselves; what arrives, and what follows from it, has none of these. */
const OWN_EVENTS = ["input", "delete", "move", "select", "undo", "redo"];
const SCROLL_KEYS = ["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"];

/** The cursor that a person moved last; they may have several pages open. */
export function latestCursor(cursors: RemoteCursor[], personId: string): RemoteCursor | null {
  const theirs = cursors.filter((cursor) => cursor.personId === personId);
  return theirs.sort((a, b) => b.moves - a.moves)[0] ?? null;
}

/** Whether a person's way through the text has to be followed now. */
function hasNews({ docChanged, transactions }: ViewUpdate): boolean {
  return docChanged || transactions.some(({ effects }) => effects.some((effect) => effect.is(cursorsMoved)));
}

function isOwn({ transactions }: ViewUpdate): boolean {
  return transactions.some((transaction) => OWN_EVENTS.some((event) => transaction.isUserEvent(event)));
}

export class Following {
  /** Who is followed; empty for nobody. */
  id = "";
  private name = "";
  private words = "";
  private spoken = "";

  /** `box` is the whole widget; `onChange` is called when following begins or ends. */
  constructor(
    private readonly box: HTMLElement,
    private readonly view: () => EditorView | null,
    private readonly onChange: () => void,
    signal: AbortSignal,
  ) {
    const options = { signal, capture: true };
    const ifScrolling = (event: Event) => this.movesThis(event) && this.stop();
    for (const name of ["wheel", "touchmove"])
      document.addEventListener(name, ifScrolling, { ...options, passive: true });
    document.addEventListener("keydown", (event) => this.ifKey(event), options);
    document.addEventListener("pointerdown", (event) => this.ifScrollbar(event), options);
  }

  /** Begin to follow a person, or end it when it is they who are followed. */
  toggle({ id, name, color }: Person): void {
    if (this.id === id) {
      this.stop();
      return;
    }
    this.id = id;
    this.name = name;
    this.box.style.setProperty("--tnb-followed", color);
    this.show();
    this.reveal();
  }

  stop(why = ""): void {
    if (!this.id) return;
    this.id = "";
    this.show(why || t("You no longer follow {name}.", { name: this.name }));
  }

  /** Take who is here: whoever has gone cannot be followed. */
  here(people: Person[]): void {
    if (this.id && !people.some(({ id }) => id === this.id))
      this.stop(t("{name} has left.", { name: this.name }));
  }

  extension() {
    return EditorView.updateListener.of((update) => {
      if (!this.id) return;
      if (isOwn(update)) this.stop();
      else if (hasNews(update)) this.reveal();
    });
  }

  private reveal(): void {
    const view = this.view();
    const cursor = view && latestCursor(remoteCursorsOf(view), this.id);
    if (this.id) this.show();
    if (cursor) view.dispatch({ effects: EditorView.scrollIntoView(cursor.head, { yMargin: MARGIN }) });
  }

  private show(farewell = ""): void {
    const view = this.view();
    const hasPlace = view !== null && latestCursor(remoteCursorsOf(view), this.id) !== null;
    const { name } = this;
    const words = hasPlace
      ? t("Following {name}", { name })
      : t("Following {name}, who has not clicked into this text yet", { name });
    const shown = this.id && t("{words}. Escape, typing or scrolling ends it.", { words });
    if (this.words === shown && !farewell) return;
    this.words = shown;
    this.spoken = this.id ? t("{words}. Press Escape to stop.", { words }) : farewell;
    this.box.classList.toggle("tnb-is-following", this.id !== "");
    this.onChange();
  }

  /** Who is followed, and how to end it; farewells are spoken only. */
  get line(): TemplateResult {
    return html`<div>
      <div class="tnb-following" ?hidden=${!this.words}>${symbol("◎")}<span>${this.words}</span></div>
      <span class="tnb-hidden" role="status" aria-live="polite">${this.spoken}</span>
    </div>`;
  }

  /** Whether what the user does there moves what is seen of this text. */
  private movesThis(event: Event): boolean {
    const target = targetOf(event);
    if (!this.id || !target) return false;
    if (this.box.contains(target)) return true;
    for (let around = this.box.parentElement; around; around = around.parentElement)
      if (around.contains(target) && isScroller(around)) return true;
    return false;
  }

  private ifKey(event: KeyboardEvent): void {
    if (!this.id) return;
    const isHere = this.box.contains(targetOf(event));
    if (event.key === "Escape" && isHere) {
      this.stop();
      // It leads no further: neither out of the editor nor to the notebook.
      event.preventDefault();
    }
    if (SCROLL_KEYS.includes(event.key) && this.movesThis(event)) this.stop();
  }

  private ifScrollbar(event: PointerEvent): void {
    const target = targetOf(event);
    if (!this.id || !target) return;
    const isAround = target !== this.box && target.contains(this.box);
    const isEditor = this.view()?.dom.contains(target) === true;
    if (isAround || isEditor) this.stop();
  }
}

/** Where an event began, also inside a shadow root. */
function targetOf(event: Event): Element | null {
  const [target] = event.composedPath();
  return target instanceof Element ? target : null;
}

function isScroller(element: Element): boolean {
  const isTaller = element.scrollHeight > element.clientHeight + 1;
  return isTaller && /auto|scroll/.test(getComputedStyle(element).overflowY);
}
