// Holds the CodeMirror view of the present document, and starts it anew when the kernel replaces that.

import { Compartment, EditorState, type Extension, Transaction } from "@codemirror/state";
import { EditorView, placeholder, tooltips, type ViewUpdate } from "@codemirror/view";
import { html, nothing, render } from "lit-html";
import type * as Y from "yjs";
import { textOf, type View } from "../jupyter/widget";
import type { LiveSession } from "../live/live-session";
import { difference, placeAfter } from "../text/rebase";
import { notTaken, textRules } from "../text/text-rules";
import { t } from "../text/words";
import { findPanel } from "./find-panel";
import { ownUndo } from "./own-undo";
import { remoteCursors } from "./remote-cursors";
import { shownText, textBinding } from "./text-binding";
import { writing } from "./writing";

export interface SlotOptions {
  hintId: string;
  extensions: (signal: AbortSignal) => Extension[];
  /** What stands in a text of whoever may write where nothing is written yet; readers are told that nothing is. */
  empty: string | undefined;
  /** Bytes that the text may have, where that is less than the hub takes of any. */
  mostBytes: number | undefined;
  /** Draw the widget anew. */
  draw: () => void;
}

const PLACEHOLDER = html`<div class="tnb-placeholder" aria-hidden="true"></div>`;
const noText = () => html`<p class="tnb-problem" role="alert"
  >${t("This document holds no text; it has another type than this widget shows.")}</p>`;

export class EditorSlot {
  view: EditorView | null = null;
  readonly el = document.createElement("div");
  /** Why something that was typed or pasted is not in the text. */
  notTaken = "";
  private isWritable = true;
  private readonly writing = new Compartment();

  constructor(
    private readonly session: LiveSession,
    private readonly place: View,
    private readonly options: SlotOptions,
  ) {
    const { live } = session;
    this.el.className = "tnb-editor";
    live.onReset(() => this.start(), place.signal);
    if (live.isSynced) this.start();
    else render(PLACEHOLDER, this.el);
    place.signal.addEventListener("abort", () => this.view?.destroy());
  }

  setWritable(isWritable: boolean): void {
    if (this.isWritable === isWritable) return;
    this.isWritable = isWritable;
    this.view?.dispatch({ effects: this.writing.reconfigure(this.asMayBe()) });
  }

  private asMayBe(): Extension {
    const { empty } = this.options;
    const words = this.isWritable ? empty : t("Nothing has been written here yet.");
    return [writing(this.isWritable), empty && words ? placeholder(words) : []];
  }

  private start(): void {
    const text = this.session.live.text;
    if (!text) {
      render(noText(), this.el);
      return;
    }
    const state = this.state(text);
    if (this.view) {
      this.view.setState(state);
      return;
    }
    render(nothing, this.el);
    const root = this.el.getRootNode();
    this.view = new EditorView({
      state,
      parent: this.el,
      ...(root instanceof ShadowRoot ? { root } : {}),
      dispatchTransactions(transactions, view) {
        // When lines come above, CodeMirror keeps what is read in its place in the next frame, but for the last update
        // before that only, be it a moved cursor. Asked for its layout, it first does what it has put off; but not in
        // the middle of what an input method does: its text would be drawn as it was, and that ends the composition.
        const isRemote = transactions.every((transaction) => transaction.annotation(Transaction.remote));
        if (isRemote || !view.compositionStarted) view.elementAtHeight(0);
        view.update(transactions);
      },
    });
  }

  private state(text: Y.Text): EditorState {
    const { live, model, undo } = this.session;
    const { mostBytes } = this.options;
    const shown = shownText(text);
    const selection = this.view && selectionIn(this.view.state, shown);
    return EditorState.create({
      doc: shown,
      ...(selection ? { selection } : {}),
      extensions: [
        mostBytes ? textRules(() => 0, mostBytes) : textRules(() => live.sizeAround),
        textBinding(text, undo),
        undo ? ownUndo(undo) : [],
        // Widgets end at their borders, and outputs at theirs: a list of names would be cut off.
        this.el.getRootNode() instanceof ShadowRoot ? [] : tooltips({ parent: document.body }),
        findPanel(() => textOf(model, "title")),
        remoteCursors(live.awareness, () => (model.get("me") as { id?: string } | undefined)?.id),
        EditorView.updateListener.of((update) => this.sayNotTaken(update)),
        ...this.options.extensions(this.place.signal),
        EditorView.contentAttributes.of({
          "aria-label": t("{title}, editor", { title: textOf(model, "title") }),
          "aria-describedby": this.options.hintId,
        }),
        this.writing.of(this.asMayBe()),
      ],
    });
  }

  private say(words: string): void {
    if (words === this.notTaken) return;
    this.notTaken = words;
    this.options.draw();
  }

  private sayNotTaken({ transactions }: ViewUpdate): void {
    const reasons = transactions.flatMap(({ effects }) =>
      effects.flatMap((effect) => (effect.is(notTaken) ? [effect.value] : [])),
    );
    const isTyping = transactions.some(
      (transaction) => transaction.docChanged && transaction.isUserEvent("input"),
    );
    if (reasons.length) this.say(reasons.join(" "));
    else if (isTyping) this.say("");
  }
}

/** The selection of an editor in another text. */
function selectionIn({ doc, selection }: EditorState, text: string): { anchor: number; head: number } {
  const change = difference(doc.sliceString(0, doc.length, "\n"), text);
  const { anchor, head } = selection.main;
  return { anchor: placeAfter(anchor, change), head: placeAfter(head, change) };
}
