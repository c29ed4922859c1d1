// Where others are in the text, by their awareness states; and where the user is, told to them.

import { type Extension, Facet, type SelectionRange } from "@codemirror/state";
import { type EditorView, type PluginValue, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import { t } from "../text/words";
import { cursorLayers, cursorsMoved, type RemoteCursor } from "./cursor-layers";
import { type CursorState, cursorsIn } from "./cursor-states";
import { bindingOf, type SharedRange } from "./text-binding";

export { cursorsMoved, type RemoteCursor } from "./cursor-layers";
export type { SharedRange } from "./text-binding";

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
      name: person.isMe ? t("You, elsewhere") : person.name,
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

/** `placesOf` says where the text of an editor is in the shared one. */
export function remoteCursors(
  awareness: Awareness,
  me: () => string | undefined,
  placesOf: (view: EditorView) => Places | null = bindingOf,
): Extension {
  return [source.of({ awareness, me, placesOf }), plugin, cursorLayers(remoteCursorsOf)];
}
