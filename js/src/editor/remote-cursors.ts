// Where others are in the text: their cursors with names, and what they have selected.
//
// All of it is drawn in layers above and below the text, never in it: an input method that composes is not
// disturbed, the direction of a line does not change, and a screen reader reads the text alone.
import { EditorSelection, type Extension, Facet, type SelectionRange, StateEffect } from "@codemirror/state";
import {
  Direction,
  EditorView,
  type LayerMarker,
  layer,
  type PluginValue,
  RectangleMarker,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { html, nothing } from "lit-html";
import type { Awareness } from "y-protocols/awareness";
import { elementOf } from "../ui/elements";
import { type CursorState, cursorsIn } from "./cursor-states";
import { bindingOf, type SharedRange } from "./text-binding";

export type { SharedRange } from "./text-binding";

/** A pointer that is so near to a cursor shows the name. */
const NEAR = 6;

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

/** Where in the shared text something is, and back. */
export interface Places {
  rangeOf(range: SelectionRange): SharedRange | null;
  selectionAt(range: SharedRange): SelectionRange | null;
}

interface Source {
  awareness: Awareness;
  me: () => string | undefined;
  placesOf: (view: EditorView) => Places | null;
}

const source = Facet.define<Source, Source | null>({ combine: (values) => values.at(-1) ?? null });

class RemoteCursors implements PluginValue {
  cursors: RemoteCursor[] = [];
  private moves = 0;
  private readonly from: Source | null;

  constructor(private readonly view: EditorView) {
    this.from = view.state.facet(source);
    this.from?.awareness.on("change", this.changed);
    this.cursors = this.find();
    this.tellMine();
  }

  destroy(): void {
    this.from?.awareness.off("change", this.changed);
  }

  update(update: ViewUpdate): void {
    if (update.selectionSet || update.docChanged || update.focusChanged) this.tellMine();
    const hasNews = update.transactions.some(({ effects }) =>
      effects.some((effect) => effect.is(cursorsMoved)),
    );
    if (!update.docChanged && !hasNews) return;
    // A place that is not known yet, for the edit has not arrived, is where it was.
    for (const cursor of this.cursors) {
      cursor.anchor = update.changes.mapPos(cursor.anchor, 1);
      cursor.head = update.changes.mapPos(cursor.head, 1);
    }
    this.cursors = this.find();
  }

  private readonly changed = ({ added, updated, removed }: Record<string, number[]>): void => {
    const own = this.from?.awareness.clientID;
    const clients = [...(added ?? []), ...(updated ?? []), ...(removed ?? [])];
    if (clients.some((client) => client !== own)) this.view.dispatch({ effects: cursorsMoved.of(null) });
  };

  private find(): RemoteCursor[] {
    if (!this.from) return [];
    const { awareness, me } = this.from;
    const states = cursorsIn(awareness.getStates(), awareness.clientID, me());
    return states.flatMap((state) => this.placed(state) ?? []);
  }

  private placed({ client, person, range, place }: CursorState): RemoteCursor | null {
    const before = this.cursors.find((cursor) => cursor.client === client);
    const selection = this.from?.placesOf(this.view)?.selectionAt(range) ?? before;
    if (!selection) return null;
    const hasMoved = before?.place !== place;
    this.moves += Number(hasMoved);
    return {
      client,
      personId: person.id,
      name: person.isMe ? "You, elsewhere" : person.name,
      role: person.isMe ? null : person.role,
      color: person.color,
      anchor: selection.anchor,
      head: selection.head,
      place,
      moves: before && !hasMoved ? before.moves : this.moves,
      movedAt: before && !hasMoved ? before.movedAt : Date.now(),
    };
  }

  /** Tell others where the user is. A page that is left keeps its cursor where it was, as long as it is open. */
  private tellMine(): void {
    const state = this.from?.awareness.getLocalState();
    if (!state || !this.view.hasFocus) return;
    const range = this.from?.placesOf(this.view)?.rangeOf(this.view.state.selection.main);
    if (!range) return;
    const { anchor, head } = range;
    if (JSON.stringify(state.cursor) !== JSON.stringify({ anchor, head }))
      this.from?.awareness.setLocalStateField("cursor", { anchor, head });
  }
}

const plugin = ViewPlugin.fromClass(RemoteCursors);

export function remoteCursorsOf(view: EditorView): RemoteCursor[] {
  return view.plugin(plugin)?.cursors ?? [];
}

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
  /** The name stands below the line or above it, to the left of the cursor or to the right. */
  isBelow: boolean;
  isLeftwards: boolean;
  /** … or beside it, where there is one line only. */
  isBeside: boolean;
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
    const mark = role ? html`<span class="tnb-role">${role}</span>` : nothing;
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
    const { left, top, height, isBelow, isLeftwards, isBeside } = this.look;
    return [client, name, role, color, moves, left, top, height, isBelow, isLeftwards, isBeside];
  }

  private place(element: HTMLElement): void {
    const { left, top, height, isBelow, isLeftwards, isBeside } = this.look;
    Object.assign(element.style, { left: `${left}px`, top: `${top}px`, height: `${height}px` });
    element.classList.toggle("tnb-caret-below", isBelow);
    element.classList.toggle("tnb-caret-leftwards", isLeftwards);
    element.classList.toggle("tnb-caret-beside", isBeside);
    // Another name of the same animation starts it again.
    element.dataset.moved = this.cursor.moves % 2 ? "odd" : "even";
  }
}

function caretOf(view: EditorView, cursor: RemoteCursor): Caret[] {
  const [box] = RectangleMarker.forRange(view, "", EditorSelection.cursor(cursor.head));
  if (!box) return [];
  const line = view.state.doc.lineAt(cursor.head);
  const mine = view.state.doc.lineAt(view.state.selection.main.head);
  const isAboveMine = view.hasFocus && mine.number === line.number - 1;
  const isLeftwards = box.left > view.scrollDOM.scrollLeft + view.scrollDOM.clientWidth * 0.7;
  const isRightToLeft = view.textDirectionAt(cursor.head) === Direction.RTL;
  const look = {
    left: box.left,
    top: box.top,
    height: box.height,
    isBelow: line.number === 1 || isAboveMine,
    isLeftwards: isLeftwards || (isRightToLeft && box.left > view.scrollDOM.clientWidth / 2),
    isBeside: view.state.doc.lines === 1,
  };
  return [new Caret(cursor, look)];
}

function selectedBy(view: EditorView, { anchor, head, color }: RemoteCursor): SelectedBlock[] {
  if (anchor === head) return [];
  const boxes = RectangleMarker.forRange(view, "tnb-others-selection", EditorSelection.range(anchor, head));
  return boxes.map((box) => new SelectedBlock(box, color));
}

function needsDrawing({ docChanged, selectionSet, focusChanged, viewportChanged, transactions }: ViewUpdate) {
  const hasNews = transactions.some(({ effects }) => effects.some((effect) => effect.is(cursorsMoved)));
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

/** `placesOf` says where the text of an editor is in the shared one. */
export function remoteCursors(
  awareness: Awareness,
  me: () => string | undefined,
  placesOf: (view: EditorView) => Places | null = bindingOf,
): Extension {
  return [
    source.of({ awareness, me, placesOf }),
    plugin,
    layer({
      above: true,
      class: "tnb-carets",
      markers: (view) => remoteCursorsOf(view).flatMap((cursor) => caretOf(view, cursor)),
      update: needsDrawing,
    }),
    layer({
      above: false,
      class: "tnb-others-selections",
      markers: (view) => remoteCursorsOf(view).flatMap((cursor) => selectedBy(view, cursor)),
      update: needsDrawing,
    }),
    EditorView.domEventHandlers({
      mousemove: (event, view) => {
        nameUnderPointer(event, view);
        return false;
      },
    }),
  ];
}
