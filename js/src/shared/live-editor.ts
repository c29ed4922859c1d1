// The frame around an editor: heading, who is here, save state, problems; and the editor itself, which
// starts anew when the kernel replaces the document. Used by `code` and `text`.
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { yCollab } from "y-codemirror.next";
import * as Y from "yjs";
import { Channel } from "./channel";
import { freshId, h, setText } from "./dom";
import { hubLine } from "./hub-line";
import { offerIn } from "./lane-state";
import { LiveText } from "./live-text";
import { PeopleBar } from "./people-bar";
import { problemBox } from "./problem";
import { describeSave, type SaveInput } from "./save-state";
import { mayWrite, SAVE_TRAITS, savedAt } from "./saved-model";
import { StatusLine } from "./status-line";
import { addStyle } from "./styles";
import { followTraits, type Model, textOf, type View } from "./widget";

const TICK = 500;

/** What the views of one widget on this page share. */
export class LiveSession {
  readonly channel: Channel;
  readonly live: LiveText;
  undo: Y.UndoManager | null = null;
  private views = 0;

  constructor(
    readonly model: Model,
    readonly signal: AbortSignal,
  ) {
    this.channel = new Channel(model, signal);
    const me = () => (model.get("me") ?? {}) as { id?: string; name?: string };
    const kernel = () => ({
      offer: offerIn(model.get("lane")),
      saveState: textOf(model, "save_state"),
      hasUnsaved: model.get("has_unsaved") === true,
    });
    const key = textOf(model, "text_key");
    this.live = new LiveText({ channel: this.channel, key, signal, me, kernel, line: hubLine() });
    this.live.onReset(() => this.startUndo(), signal);
    followTraits(model, ["lane", "save_state", "has_unsaved"], signal, () => this.live.considerLane());
    this.followPage();
  }

  /** Count a view in until it is gone; the last one out says goodbye, unless the cell was only moved. */
  enter(signal: AbortSignal): void {
    this.views += 1;
    if (this.views === 1) this.live.open();
    signal.addEventListener("abort", () => {
      this.views -= 1;
      setTimeout(() => {
        if (this.views === 0 && !this.signal.aborted) this.live.close();
      }, 1000);
    });
  }

  private startUndo(): void {
    this.undo?.destroy();
    const text = this.live.text;
    // Only what was typed on this page can be undone here; editors add themselves as tracked origins.
    this.undo = text && new Y.UndoManager(text, { trackedOrigins: new Set() });
  }

  private followPage(): void {
    const options = { signal: this.signal };
    const resync = () => document.visibilityState === "visible" && this.live.resync();
    document.addEventListener("visibilitychange", resync, options);
    window.addEventListener("online", resync, options);
    window.addEventListener("pagehide", () => this.views > 0 && this.live.close(), options);
    window.addEventListener(
      "pageshow",
      (event) => event.persisted && this.views > 0 && this.live.open(),
      options,
    );
  }
}

export interface Frame {
  /** Where a widget puts what is its own: before the title, and below the editor. */
  head: HTMLElement;
  body: HTMLElement;
}

export interface FrameOptions {
  name: string;
  css: string;
  /** Said after the title by screen readers. */
  hint: string;
  extensions: (signal: AbortSignal) => Extension[];
}

export function showLiveEditor(session: LiveSession, view: View, options: FrameOptions): Frame {
  const { model, live } = session;
  addStyle(view.el, options.name, options.css);
  const people = new PeopleBar();
  const status = new StatusLine(view.signal);
  const title = h("span", { class: "tnb-title" });
  const head = h(
    "div",
    { class: "tnb-head" },
    title,
    people.el,
    status.el,
    ...closeButton(session, view.signal),
  );
  const hint = h("span", { class: "tnb-hidden", id: freshId() }, options.hint);
  const holder = h("div", { class: "tnb-editor" });
  const body = h("div", { class: "tnb-body" });
  const box = h("section", { class: `tnb-widget tnb-${options.name}` }, head, problemBox(model, view.signal));
  box.append(status.detail, hint, holder, body);
  keepKeys(box, view.signal);
  view.el.append(box);

  const editor = new EditorSlot(session, view, { holder, hintId: hint.id, extensions: options.extensions });
  const update = () => {
    people.update(live.people);
    status.update(describeSave(saveInput(session)));
    box.dataset.road = live.hasLane ? "lane" : "comm";
    editor.setWritable(mayWrite(model) && !session.signal.aborted);
  };
  live.onChange(update, view.signal);
  followTraits(model, SAVE_TRAITS, view.signal, update);
  followTraits(model, ["title"], view.signal, () => {
    setText(title, textOf(model, "title"));
    box.setAttribute("aria-label", textOf(model, "title") || options.name);
  });
  const ticking = setInterval(update, TICK);
  view.signal.addEventListener("abort", () => clearInterval(ticking));
  session.enter(view.signal);
  return { head, body };
}

/** Keys typed into a widget are the widget's: JupyterLab's shortcuts do not see them. */
export function keepKeys(box: HTMLElement, signal: AbortSignal): void {
  box.setAttribute("data-lm-suppress-shortcuts", "true");
  box.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  // A double click would otherwise reach the notebook, which may open a cell's source.
  box.addEventListener("dblclick", (event) => event.stopPropagation(), { signal });
}

function closeButton(session: LiveSession, signal: AbortSignal): HTMLElement[] {
  if (session.model.get("is_closable") !== true) return [];
  const name = `Close ${textOf(session.model, "title")}`;
  const button = h(
    "button",
    { type: "button", class: "tnb-button tnb-plain", "aria-label": name, title: name },
    "✕",
  );
  button.addEventListener("click", () => session.channel.send("close"), { signal });
  return [button];
}

function saveInput({ model, live, signal }: LiveSession): SaveInput {
  return {
    ...savedAt(model, signal),
    pending: live.pendingCount,
    pendingFor: live.pendingFor,
    isSynced: live.isSynced,
    askingFor: live.askingFor,
    hasLane: live.hasLane,
  };
}

interface SlotOptions {
  holder: HTMLElement;
  hintId: string;
  extensions: (signal: AbortSignal) => Extension[];
}

/** Holds the CodeMirror view of the present document. */
class EditorSlot {
  view: EditorView | null = null;
  private isWritable = true;
  private readonly writing = new Compartment();

  constructor(
    private readonly session: LiveSession,
    private readonly place: View,
    private readonly options: SlotOptions,
  ) {
    const { live } = session;
    live.onReset(() => this.start(), place.signal);
    if (live.isSynced) this.start();
    else options.holder.append(h("div", { class: "tnb-placeholder", "aria-hidden": "true" }));
    place.signal.addEventListener("abort", () => this.view?.destroy());
  }

  setWritable(isWritable: boolean): void {
    if (this.isWritable === isWritable) return;
    this.isWritable = isWritable;
    this.view?.dispatch({ effects: this.writing.reconfigure(writing(isWritable)) });
  }

  private start(): void {
    const text = this.session.live.text;
    if (!text) {
      this.options.holder.replaceChildren(
        h(
          "p",
          { class: "tnb-problem", role: "alert" },
          "This document holds no text; it has another type than this widget shows.",
        ),
      );
      return;
    }
    const state = this.state(text);
    if (this.view) {
      this.view.setState(state);
      return;
    }
    this.options.holder.replaceChildren();
    const root = this.options.holder.getRootNode();
    this.view = new EditorView({
      state,
      parent: this.options.holder,
      ...(root instanceof ShadowRoot ? { root } : {}),
    });
  }

  private state(text: Y.Text): EditorState {
    const { live, model } = this.session;
    const before = this.view?.state.selection.main;
    const length = text.length;
    const selection = before && {
      anchor: Math.min(before.anchor, length),
      head: Math.min(before.head, length),
    };
    return EditorState.create({
      doc: text.toString(),
      ...(selection ? { selection } : {}),
      extensions: [
        ...this.options.extensions(this.place.signal),
        EditorView.contentAttributes.of({
          "aria-label": `${textOf(model, "title")}, editor`,
          "aria-describedby": this.options.hintId,
        }),
        this.writing.of(writing(this.isWritable)),
        yCollab(text, live.awareness, { undoManager: this.session.undo ?? false }),
      ],
    });
  }
}

/** A read-only editor can still be focused, read and copied from. */
function writing(isWritable: boolean): Extension {
  if (isWritable) return [];
  return [
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ "aria-readonly": "true" }),
    EditorView.editorAttributes.of({ class: "tnb-readonly" }),
    // Some ways of typing (input methods) do not ask the facet.
    EditorState.transactionFilter.of((transaction) => {
      const isTyped = transaction.isUserEvent("input") || transaction.isUserEvent("delete");
      return isTyped && transaction.docChanged ? [] : transaction;
    }),
  ];
}
