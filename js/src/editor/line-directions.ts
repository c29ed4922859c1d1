// Prose in several scripts: each line runs in the direction of its first letter, as everywhere on the web.
import { type Extension, RangeSetBuilder } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type PluginValue,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";

const automatic = Decoration.line({ attributes: { dir: "auto" } });

class Directions implements PluginValue {
  decorations: DecorationSet;

  constructor(view: EditorView) {
    this.decorations = decorated(view);
  }

  update({ docChanged, viewportChanged, view }: ViewUpdate): void {
    if (docChanged || viewportChanged) this.decorations = decorated(view);
  }
}

function decorated({ state, visibleRanges }: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  let done = -1;
  for (const { from, to } of visibleRanges)
    for (let at = from; at <= to; ) {
      const line = state.doc.lineAt(at);
      // A long line may be visible in several pieces.
      if (line.from > done) builder.add(line.from, line.from, automatic);
      done = line.from;
      at = line.to + 1;
    }
  return builder.finish();
}

const plugin = ViewPlugin.fromClass(Directions, { decorations: ({ decorations }) => decorations });

export function lineDirections(): Extension {
  return [EditorView.perLineTextDirection.of(true), plugin];
}
