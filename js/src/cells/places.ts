// Where somebody is in the text of a live cell. Cell and shared text are equal, so a position is the same in both.
import { EditorSelection, type SelectionRange } from "@codemirror/state";
import * as Y from "yjs";
import type { Places, SharedRange } from "../editor/remote-cursors";
import type { HubText } from "../live/hub-text";

export class CellPlaces implements Places {
  constructor(
    private readonly live: HubText,
    private readonly length: () => number,
  ) {}

  rangeOf({ anchor, head }: Pick<SelectionRange, "anchor" | "head">): SharedRange | null {
    const { text } = this.live;
    if (!text) return null;
    const at = (index: number) => Y.createRelativePositionFromTypeIndex(text, Math.min(index, text.length));
    return { anchor: at(anchor), head: at(head) };
  }

  selectionAt({ anchor, head }: SharedRange): SelectionRange | null {
    const [from, to] = [this.indexOf(anchor), this.indexOf(head)];
    return from === null || to === null ? null : EditorSelection.range(from, to);
  }

  private indexOf(position: Y.RelativePosition): number | null {
    const { doc, text } = this.live;
    const found = Y.createAbsolutePositionFromRelativePosition(position, doc);
    return found && found.type === text ? Math.min(found.index, this.length()) : null;
  }
}
