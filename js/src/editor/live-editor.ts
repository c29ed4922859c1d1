// The frame around an editor: heading, who is here, save state, problems. Used by `code` and `text`.
import type { Extension } from "@codemirror/state";
import { historyOf } from "../history/history-panel";
import { followTraits, textOf, type View } from "../jupyter/widget";
import type { LiveSession } from "../live/live-session";
import { askBeforeLeaving } from "../live/page-life";
import { noticeBox } from "../status/notice";
import { PeopleBar } from "../status/people-bar";
import { problemBox } from "../status/problem";
import { describeSave, describeUnmerged, describeUnsent, type SaveInput } from "../status/save-state";
import { mayWrite, SAVE_TRAITS, savedAt } from "../status/saved-model";
import { StatusLine } from "../status/status-line";
import { UnsentBox } from "../status/unsent-box";
import { freshId, h, setText } from "../ui/dom";
import { keepKeys } from "../ui/keys";
import { addStyle } from "../ui/styles";
import { EditorSlot } from "./editor-slot";
import { Following } from "./following";
import { UnmergedBox, type UnmergedShown } from "./unmerged-box";

const TICK = 500;

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
  const people = new PeopleBar((person) => following.toggle(person), view.signal);
  const status = new StatusLine(view.signal);
  const title = h("span", { class: "tnb-title" });
  const history = historyOf(session, view, options.name === "code");
  const head = h(
    "div",
    { class: "tnb-head" },
    title,
    people.el,
    status.el,
    history.button,
    ...closeButton(session, view.signal),
  );
  const hint = h("span", { class: "tnb-hidden", id: freshId() }, options.hint);
  const holder = h("div", { class: "tnb-editor" });
  const body = h("div", { class: "tnb-body" });
  const box = h(
    "section",
    { class: `tnb-widget tnb-${options.name}` },
    head,
    problemBox(model, view.signal),
    noticeBox(model, view.signal),
  );
  keepKeys(box, view.signal);
  view.el.append(box);

  const following = new Following(
    box,
    () => editor.view,
    () => people.update(live.people, following.id),
    view.signal,
  );
  const editor = new EditorSlot(session, view, {
    holder,
    hintId: hint.id,
    extensions: (signal) => [options.extensions(signal), following.extension()],
  });
  const unsent = unsentBox(session, view.signal, { options, focus: () => editor.view?.focus() });
  const unmerged = unmergedBox(session, view.signal, { options, focus: () => editor.view?.focus() });
  box.append(
    status.detail,
    unsent.el,
    unmerged.el,
    following.el,
    editor.notice,
    hint,
    holder,
    history.el,
    body,
  );
  const update = () => {
    following.here(live.people);
    people.update(live.people, following.id);
    const input = saveInput(session);
    status.update(describeSave(input));
    unsent.update(describeUnsent(input));
    unmerged.update(unmergedShown(session, input));
    box.dataset.road = live.hasLane ? "lane" : "comm";
    editor.setWritable(mayWrite(model) && !session.signal.aborted && !live.isLowered);
  };
  live.onChange(update, view.signal);
  followTraits(model, [...SAVE_TRAITS, "unmerged"], view.signal, update);
  followTraits(model, ["title"], view.signal, () => {
    setText(title, textOf(model, "title"));
    box.setAttribute("aria-label", textOf(model, "title") || options.name);
  });
  const ticking = setInterval(update, TICK);
  view.signal.addEventListener("abort", () => clearInterval(ticking));
  askBeforeLeaving(live, () => live.isAtRisk || session.unmerged.isLeft, view.signal);
  session.enter(view.signal);
  return { head, body };
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

interface BoxOptions {
  options: FrameOptions;
  /** Put the cursor back into the editor. */
  focus: () => void;
}

function fileName({ model }: LiveSession, { name }: FrameOptions): string {
  const title = textOf(model, "title") || name;
  return title.replace(/[^\p{L}\p{N}._-]+/gu, "-") + (name === "code" ? ".py" : ".txt");
}

function unsentBox(session: LiveSession, signal: AbortSignal, { options, focus }: BoxOptions): UnsentBox {
  return new UnsentBox(
    {
      text: () => session.live.text?.toString() ?? "",
      fileName: () => fileName(session, options),
      discard: () => {
        session.live.discard();
        focus();
      },
    },
    signal,
  );
}

function unmergedBox(session: LiveSession, signal: AbortSignal, { options, focus }: BoxOptions): UnmergedBox {
  const { live, unmerged } = session;
  return new UnmergedBox(
    {
      theirs: () => live.text?.toString() ?? "",
      fileName: () => fileName(session, options),
      hasLineNumbers: options.name === "code",
      useMine: () => {
        unmerged.useMine();
        focus();
      },
      keepTheirs: () => {
        unmerged.keepTheirs();
        focus();
      },
    },
    signal,
  );
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
