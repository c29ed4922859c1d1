// What is drawn in an editor around a cursor, measured so that the names of people cover nothing of it.
import type { EditorView } from "@codemirror/view";
import { type Box, type FlagPlace, placeOfFlag, type Size } from "./name-flags";

/** As in the style sheet. */
const HEIGHT = 15;
const PADDING = 10;
const ROLE = 20;
/** Where there is nothing to measure with: about the width of a letter. */
const LETTER = 7.5;
/** So much of the line behind the user's own cursor is for what they type next. */
const OWN_ROOM = 60;

let pen: CanvasRenderingContext2D | null | undefined;

export class FlagRoom {
  /** Where the coordinates of layers begin. */
  private readonly origin: { x: number; y: number };
  private readonly seen: Box;
  private readonly taken: Box[] = [];
  private readonly measured = new Set<number>();

  constructor(private readonly view: EditorView) {
    const { scrollDOM } = view;
    const around = scrollDOM.getBoundingClientRect();
    this.origin = { x: around.left - scrollDOM.scrollLeft, y: around.top - scrollDOM.scrollTop };
    const numbers = scrollDOM.querySelector(".cm-gutters")?.getBoundingClientRect();
    const right = around.left + scrollDOM.clientWidth;
    const bottom = around.top + scrollDOM.clientHeight;
    this.seen = this.inLayer({ left: numbers?.right ?? around.left, top: around.top, right, bottom });
    this.keepOwnFree();
  }

  /** Find the place for a name, and keep it from the next ones. */
  place(cursor: Box, { name, role, head }: { name: string; role: string | null; head: number }): FlagPlace {
    const { doc } = this.view.state;
    const { number } = doc.lineAt(head);
    for (const near of [number - 1, number, number + 1]) this.measure(near);
    const size = sizeOf(name, role);
    const found = placeOfFlag(cursor, size, this.taken, this.seen);
    const { left, top } = found;
    if (found.isFree) this.taken.push({ left, top, right: left + size.width, bottom: top + size.height });
    return found;
  }

  private keepOwnFree(): void {
    const { view } = this;
    const own = view.hasFocus ? view.coordsAtPos(view.state.selection.main.head) : null;
    if (own) this.taken.push(this.inLayer({ ...own, left: own.left - 1, right: own.left + OWN_ROOM }));
  }

  /** What a line of the text takes, row by row; lines that are not drawn take nothing. */
  private measure(number: number): void {
    const { doc } = this.view.state;
    if (number < 1 || number > doc.lines || this.measured.has(number)) return;
    this.measured.add(number);
    const { from } = doc.line(number);
    if (from < this.view.viewport.from || from > this.view.viewport.to) return;
    const { node } = this.view.domAtPos(from);
    const line = (node instanceof Element ? node : node.parentElement)?.closest(".cm-line");
    if (!line) return;
    const range = document.createRange();
    range.selectNodeContents(line);
    for (const box of range.getClientRects()) if (box.width > 1) this.taken.push(this.inLayer(box));
  }

  private inLayer({ left, top, right, bottom }: Box): Box {
    const { x, y } = this.origin;
    return { left: left - x, top: top - y, right: right - x, bottom: bottom - y };
  }
}

function sizeOf(name: string, role: string | null): Size {
  const mark = role ? ROLE + widthOf(role) : 0;
  return { width: PADDING + widthOf(name) + mark, height: HEIGHT };
}

/** The width of a name in the letters of the page. */
function widthOf(words: string): number {
  pen ??= document.createElement("canvas").getContext("2d");
  if (!pen) return words.length * LETTER;
  const family = getComputedStyle(document.body).getPropertyValue("--jp-ui-font-family") || "sans-serif";
  pen.font = `600 11px ${family}`;
  return pen.measureText(words).width;
}
