// An editor for live text in the frame of its document. Used by `code` and `text`.
import type { Extension } from "@codemirror/state";
import { html, nothing } from "lit-html";
import { Frame, type Parts } from "../document/frame";
import { HistoryButton } from "../history/history-button";
import { KernelPast } from "../history/kernel-past";
import { textOf, type View } from "../jupyter/widget";
import type { LiveSession } from "../live/live-session";
import { askBeforeLeaving } from "../live/page-life";
import { PeopleBar } from "../status/people-bar";
import { describeUnmerged, describeUnsent, type SaveInput } from "../status/save-state";
import { mayWrite, savedAt } from "../status/saved-model";
import { UnsentBox } from "../status/unsent-box";
import editorStyle from "../ui/editor.css";
import { freshId } from "../ui/elements";
import { addStyle } from "../ui/styles";

import { EditorSlot } from "./editor-slot";
import findStyle from "./find.css";
import { Following } from "./following";
import { tellPastes } from "./pasting";
import { UnmergedBox, type UnmergedShown } from "./unmerged-box";

export interface EditorOptions {
  name: string;
  css: string;
  /** Said after the title by screen readers. */
  hint: string;
  /** Ending of a file with the text. */
  ending: string;
  hasLineNumbers: boolean;
  /** What stands where the user has written nothing yet. */
  empty?: string;
  mostBytes?: number;
  /** Whether the widget draws by itself what is read in the place of the editor. */
  drawsStored?: boolean;
  extensions: (signal: AbortSignal) => Extension[];
  /** What a widget has of its own: before the title, behind the save state, and below the editor. */
  lead?: () => unknown;
  tools?: () => unknown;
  below?: () => unknown;
}

/** Show the editor of a live text; returns its frame. */
export function showLiveEditor(session: LiveSession, view: View, options: EditorOptions): Frame {
  const shown = new LiveEditor(session, view, options);
  return shown.frame;
}

class LiveEditor {
  readonly frame: Frame;
  private readonly people: PeopleBar;
  private readonly history: HistoryButton;
  private readonly following: Following;
  private readonly editor: EditorSlot;
  private readonly unsent: UnsentBox;
  private readonly unmerged: UnmergedBox;
  private readonly hintId = freshId();

  constructor(
    private readonly session: LiveSession,
    view: View,
    private readonly options: EditorOptions,
  ) {
    const { name, css, hasLineNumbers } = options;
    const { live } = session;
    const { signal } = view;
    addStyle(view.el, "editor", editorStyle);
    this.frame = new Frame(session, view, {
      name,
      css: findStyle + css,
      traits: ["unmerged", "has_history", "stored"],
      saving: () => saveInput(session),
      refresh: () => this.refresh(),
      parts: () => this.parts(),
    });
    const draw = () => this.frame.draw();
    this.people = new PeopleBar((person) => this.following.toggle(person), draw);
    this.history = new HistoryButton({
      past: new KernelPast(session),
      home: view.el,
      signal: view.signal,
      hasLineNumbers,
      draw,
    });
    this.following = new Following(this.frame.box, () => this.editor.view, draw, signal);
    this.unsent = new UnsentBox(
      { ...this.taking(draw), discard: () => this.decide(() => live.discard()) },
      signal,
    );
    this.unmerged = this.unmergedBox(draw, signal);
    this.editor = new EditorSlot(session, view, {
      hintId: this.hintId,
      empty: options.empty,
      mostBytes: options.mostBytes,
      extensions: (life) => [tellPastes(session), options.extensions(life), this.following.extension()],
      draw,
    });
    live.onChange(() => this.frame.update(), signal);
    askBeforeLeaving(live, () => live.isAtRisk || session.unmerged.isLeft, signal);
    this.frame.start(signal);
    session.enter(signal);
  }

  private refresh(): void {
    const { live, model, signal } = this.session;
    this.following.here(live.people);
    this.history.consider();
    this.frame.box.toggleAttribute("data-stored", textOf(model, "stored") !== "");
    this.frame.box.dataset.road = live.hasLane ? "lane" : "comm";
    this.editor.setWritable(mayWrite(model) && !signal.aborted && !live.isLowered);
  }

  private parts(): Parts {
    const { session, options } = this;
    const { live } = session;
    const input = saveInput(session);
    return {
      lead: options.lead?.(),
      people: this.people.list(live.people, this.following.id),
      tools: html`${options.tools?.()}${this.history.button}`,
      body: html`${this.unsent.box(describeUnsent(input))}${this.unmerged.box(unmergedShown(session, input))}
        ${this.following.line}
        <div class="tnb-not-taken" role="alert">${this.editor.notTaken}</div>
        <span class="tnb-hidden" id=${this.hintId}>${options.hint}</span>
        ${this.editor.el}${this.stored()}${this.history.el}
        <div class="tnb-body">${options.below?.()}</div>`,
    };
  }

  /** What another program has stored in the place of a text, to be read. */
  private stored(): unknown {
    const stored = textOf(this.session.model, "stored");
    return stored && !this.options.drawsStored
      ? html`<pre class="tnb-stored" tabindex="0">${stored}</pre>`
      : nothing;
  }

  private taking(draw: () => void) {
    const { session, options } = this;
    return {
      text: () => session.live.text?.toString() ?? "",
      fileName: () => {
        const title = textOf(session.model, "title") || options.name;
        return title.replace(/[^\p{L}\p{N}._-]+/gu, "-") + options.ending;
      },
      draw,
    };
  }

  private unmergedBox(draw: () => void, signal: AbortSignal): UnmergedBox {
    const { unmerged } = this.session;
    const { text: theirs, fileName } = this.taking(draw);
    const decisions = {
      useMine: () => this.decide(() => unmerged.useMine()),
      keepTheirs: () => this.decide(() => unmerged.keepTheirs()),
    };
    const { hasLineNumbers } = this.options;
    return new UnmergedBox({ theirs, fileName, hasLineNumbers, draw, ...decisions }, signal);
  }

  /** What the user has decided; the box in which they did goes away, and the cursor comes back into the editor. */
  private decide(act: () => void): void {
    act();
    this.editor.view?.focus();
  }
}

function unmergedShown(
  { model, live, unmerged, signal }: LiveSession,
  input: SaveInput,
): UnmergedShown | null {
  const mine = unmerged.first;
  if (mine === null) return null;
  const canUse = !signal.aborted && live.isSynced && mayWrite(model) && !live.isLowered;
  return { mine, words: describeUnmerged(input), canUse };
}

function saveInput({ model, live, signal, unmerged }: LiveSession): SaveInput {
  return {
    ...savedAt(model, signal),
    pending: live.pendingCount,
    pendingFor: live.pendingFor,
    isSynced: live.isSynced,
    askingFor: live.askingFor,
    hasLane: live.hasLane,
    isLaneOffered: live.isLaneOffered,
    isLowered: live.isLowered,
    isUnmerged: unmerged.first !== null,
    left: live.left,
  };
}
