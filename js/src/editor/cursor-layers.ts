// How others are drawn into an editor: their cursors with names, and what they have selected.
//
// All of it is drawn in layers above and below the text, never in it: an input method that composes is not
// disturbed, the direction of a line does not change, and a screen reader reads the text alone.

import { EditorSelection, type Extension, StateEffect } from "@codemirror/state";
import {
  EditorView,
  type LayerMarker,
  layer,
  type PluginValue,
  RectangleMarker,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { html, nothing } from "lit-html";
import { Timer } from "../live/timer";
import { roleWords } from "../text/roles";
import { elementOf } from "../ui/elements";
import { FlagRoom } from "./flag-room";
import type { FlagPlace } from "./name-flags";

/** A pointer that is so near to a cursor shows the name. */
const NEAR = 6;
/** Names find their places when scrolling rests so long. */
const RESTS = 80;

/** Where somebody is in the text of this editor. */
export interface RemoteCursor {
  client: number;
  personId: string;
  name: string;
  /** What tells a teacher from somebody of the same name. */
  role: string | null;
  color: string;
  anchor: number;
  head: number;
  place: string;
  /** Counts how often the person has moved; the name shows for a while after each. */
  moves: number;
  movedAt: number;
}

/** Somebody has moved, come or gone. */
export const cursorsMoved = StateEffect.define<null>();
/** Other parts of the text are seen, so that names may have to stand elsewhere. */
const scrolled = StateEffect.define<null>();

/** A stretch that somebody has selected. */
class SelectedBlock implements LayerMarker {
  constructor(
    private readonly box: RectangleMarker,
    private readonly color: string,
  ) {}

  eq(other: SelectedBlock): boolean {
    return this.box.eq(other.box) && this.color === other.color;
  }

  draw(): HTMLElement {
    const element = this.box.draw();
    element.style.setProperty("--tnb-person", this.color);
    return element;
  }
}

interface Look {
  left: number;
  top: number;
  height: number;
  flag: FlagPlace;
}

/** Somebody's cursor and name. */
class Caret implements LayerMarker {
  constructor(
    private readonly cursor: RemoteCursor,
    private readonly look: Look,
  ) {}

  eq(other: Caret): boolean {
    const [mine, theirs] = [this.facts(), other.facts()];
    return mine.every((fact, index) => fact === theirs[index]);
  }

  draw(): HTMLElement {
    const { name, role, color } = this.cursor;
    const mark = role ? html`<span class="tnb-role">${roleWords(role)}</span>` : nothing;
    const label = html`<span class="tnb-caret-name">${name}${mark}</span>`;
    const element = elementOf(html`<div class="tnb-caret">${label}</div>`);
    element.style.setProperty("--tnb-person", color);
    this.place(element);
    return element;
  }

  update(element: HTMLElement, old: Caret): boolean {
    const { client, name, role, color } = this.cursor;
    const before = old.cursor;
    if (before.client !== client || before.name !== name || before.role !== role || before.color !== color)
      return false;
    this.place(element);
    return true;
  }

  private facts(): unknown[] {
    const { client, name, role, color, moves } = this.cursor;
    const { left, top, height, flag } = this.look;
    return [client, name, role, color, moves, left, top, height, flag.left, flag.top, flag.isFree];
  }

  private place(element: HTMLElement): void {
    const { left, top, height, flag } = this.look;
    Object.assign(element.style, { left: `${left}px`, top: `${top}px`, height: `${height}px` });
    const name = element.querySelector<HTMLElement>(".tnb-caret-name");
    if (name) Object.assign(name.style, { left: `${flag.left - left}px`, top: `${flag.top - top}px` });
    element.classList.toggle("tnb-caret-crowded", !flag.isFree);
    // Another name of the same animation starts it again.
    element.dataset.moved = this.cursor.moves % 2 ? "odd" : "even";
  }
}

function caretsIn(view: EditorView, cursors: RemoteCursor[]): Caret[] {
  if (!cursors.length) return [];
  const room = new FlagRoom(view);
  return cursors.flatMap((cursor) => {
    const [box] = RectangleMarker.forRange(view, "", EditorSelection.cursor(cursor.head));
    if (!box) return [];
    const { left, top, height } = box;
    const flag = room.place({ left, top, right: left, bottom: top + height }, cursor);
    return [new Caret(cursor, { left, top, height, flag })];
  });
}

function selectedBy(view: EditorView, { anchor, head, color }: RemoteCursor): SelectedBlock[] {
  if (anchor === head) return [];
  const boxes = RectangleMarker.forRange(view, "tnb-others-selection", EditorSelection.range(anchor, head));
  return boxes.map((box) => new SelectedBlock(box, color));
}

function needsDrawing({ docChanged, selectionSet, focusChanged, viewportChanged, transactions }: ViewUpdate) {
  const hasNews = transactions.some(({ effects }) =>
    effects.some((effect) => effect.is(cursorsMoved) || effect.is(scrolled)),
  );
  return docChanged || selectionSet || focusChanged || viewportChanged || hasNews;
}

/** Show the name of whoever's cursor the pointer is at. */
function nameUnderPointer(event: MouseEvent, view: EditorView): void {
  for (const caret of view.scrollDOM.querySelectorAll(".tnb-caret")) {
    const { left, top, bottom } = caret.getBoundingClientRect();
    const isNear = Math.abs(event.clientX - left) <= NEAR && event.clientY >= top && event.clientY <= bottom;
    caret.classList.toggle("tnb-caret-named", isNear);
  }
}

class ScrollWatch implements PluginValue {
  private readonly timer: Timer;

  constructor(private readonly view: EditorView) {
    this.timer = new Timer(() => view.dispatch({ effects: scrolled.of(null) }));
  }

  seen(): void {
    if (this.view.scrollDOM.querySelector(".tnb-caret")) this.timer.start(RESTS);
  }

  destroy(): void {
    this.timer.cancel();
  }
}

const scrollWatch = ViewPlugin.fromClass(ScrollWatch, {
  eventObservers: {
    scroll() {
      this.seen();
    },
  },
});

export function cursorLayers(cursorsOf: (view: EditorView) => RemoteCursor[]): Extension {
  return [
    layer({
      above: true,
      class: "tnb-carets",
      markers: (view) => caretsIn(view, cursorsOf(view)),
      update: needsDrawing,
    }),
    layer({
      above: false,
      class: "tnb-others-selections",
      markers: (view) => cursorsOf(view).flatMap((cursor) => selectedBy(view, cursor)),
      update: needsDrawing,
    }),
    scrollWatch,
    EditorView.domEventObservers({ mousemove: nameUnderPointer }),
  ];
}
