// What a live cell adds to JupyterLab's editors: cursors of others, the line under the text, and no keys for readers.
//
// JupyterLab makes editors of a cell when it is scrolled into view, and anew when the cell moves. Each gets an empty
// place, which is filled while the cell is live.
import { type ChangeSet, Compartment, type Extension } from "@codemirror/state";
import { EditorView, type Panel, showPanel, ViewPlugin } from "@codemirror/view";
import { HubPast } from "../cells/hub-past";
import type { LiveCell } from "../cells/live-cell";
import type { Hub } from "../cells/open-documents";
import { CellPlaces } from "../cells/places";
import { StateLine, type StateLineOptions } from "../cells/state-line";
import { Following } from "../editor/following";
import { lineDirections } from "../editor/line-directions";
import { cursorsMoved, remoteCursors } from "../editor/remote-cursors";
import { writing } from "../editor/writing";
import { loaded } from "./loaded";

/** So long after its end an input method may still hand over what was composed. */
const AFTER_COMPOSING = 80;

interface Place {
  view: EditorView;
  compartment: Compartment;
  /** What fills it; it is drawn anew when that changes. */
  filled: Filling | null;
  /** Why the mark of its cell is none, and what says so. */
  why: string;
  said: Extension;
}

interface Filling {
  live: LiveCell;
  life: AbortController;
  extension: Extension;
  key: unknown[];
}

export class CellEditors {
  private readonly places = new Map<object, Set<Place>>();
  private readonly cells = new Map<object, LiveCell>();
  private readonly reasons = new WeakMap<object, string>();

  /** `change` leads to the dialog about the mark of the cell in which the user is. */
  constructor(
    private readonly hub: Hub,
    private readonly change: () => void,
  ) {}

  /** The place of an editor that shows `model`, a shared model of a cell. */
  extension(model: object): Extension {
    const compartment = new Compartment();
    const plugin = ViewPlugin.define((view) => {
      const place: Place = { view, compartment, filled: null, why: "", said: [] };
      this.placesOf(model).add(place);
      // An editor takes no transaction while it is being made.
      queueMicrotask(() => this.fill(model, place));
      return {
        destroy: () => {
          place.filled?.life.abort();
          const places = this.placesOf(model);
          places.delete(place);
          if (!places.size) this.places.delete(model);
        },
      };
    });
    const release = () => setTimeout(() => this.cells.get(model)?.release(), AFTER_COMPOSING);
    const composing = EditorView.domEventHandlers({
      compositionend: () => void release(),
      blur: () => void release(),
    });
    return [compartment.of([]), plugin, composing];
  }

  /** Whether an input method composes in a line that these changes touch. */
  isComposing(model: object, changes: ChangeSet): boolean {
    return [...(this.places.get(model) ?? [])].some(({ view: { compositionStarted, state } }) => {
      if (!compositionStarted || changes.length !== state.doc.length) return false;
      const { from, to } = state.doc.lineAt(state.selection.main.head);
      return changes.touchesRange(from, to) !== false;
    });
  }

  /** Say that a cell is live from now on, or, with null, that it is not. */
  set(model: object, live: LiveCell | null): void {
    if (live) this.cells.set(model, live);
    else this.cells.delete(model);
    for (const place of this.places.get(model) ?? []) this.fill(model, place);
  }

  /** Say below a cell why its mark makes no live one of it; nothing any more, when that is empty. */
  explain(model: object, why: string): void {
    this.reasons.set(model, why);
    for (const place of this.places.get(model) ?? []) this.fill(model, place);
  }

  private placesOf(model: object): Set<Place> {
    const places = this.places.get(model) ?? new Set();
    this.places.set(model, places);
    return places;
  }

  private fill(model: object, place: Place): void {
    if (!this.places.get(model)?.has(place)) return;
    const live = this.cells.get(model) ?? null;
    if (place.filled?.live !== live) {
      place.filled?.life.abort();
      place.filled = live && this.filling(live, place, model);
    }
    const why = live ? "" : (this.reasons.get(model) ?? "");
    if (why !== place.why) void this.sayWhy(place, why);
    this.show(place);
  }

  private async sayWhy(place: Place, why: string): Promise<void> {
    [place.why, place.said] = [why, []];
    if (!why) return;
    const { wrongMark } = await loaded(import("./wrong-mark"));
    if (place.why !== why) return;
    place.said = wrongMark(why, this.change);
    this.show(place);
  }

  private filling(live: LiveCell, place: Place, model: object): Filling {
    const life = new AbortController();
    let draw = () => {};
    const following = new Following(
      place.view.dom,
      () => place.view,
      () => draw(),
      life.signal,
    );
    const line = () => {
      const made = lineOf(live, { following, past: new HubPast(live, this.hub) });
      draw = () => made.line.draw();
      return made.panel;
    };
    // Changes are told of while an editor is being updated, and then it takes no transaction.
    live.onChange(() => queueMicrotask(() => this.fill(model, place)), life.signal);
    return { live, life, extension: [showPanel.of(line), following.extension()], key: [] };
  }

  private show(place: Place): void {
    const { view, compartment, filled } = place;
    const key = filled ? [filled.live, filled.live.live?.awareness, filled.live.isReadOnly] : [];
    if (filled && key.every((part, index) => part === filled.key[index])) return;
    if (filled) filled.key = key;
    view.dispatch({ effects: compartment.reconfigure(filled ? contentOf(filled) : place.said) });
    view.dispatch({ effects: cursorsMoved.of(null) });
  }
}

function contentOf({ live, extension }: Filling): Extension {
  const text = live.live;
  const places = text && ((view: EditorView) => new CellPlaces(text, () => view.state.doc.length));
  return [
    extension,
    writing(!live.isReadOnly),
    EditorView.editorAttributes.of({ class: "tnb-live-cell" }),
    // Prose, and no program.
    live.mark.type === "string" ? lineDirections() : [],
    text && places ? remoteCursors(text.awareness, () => live.me?.id, places) : [],
  ];
}

function lineOf(live: LiveCell, options: StateLineOptions): { line: StateLine; panel: Panel } {
  const life = new AbortController();
  const line = new StateLine(live, options, life.signal);
  return { line, panel: { dom: line.el, mount: () => line.mount(), destroy: () => life.abort() } };
}
