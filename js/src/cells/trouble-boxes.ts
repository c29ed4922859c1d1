// What stands under the line of a live cell when something of the user's is not in the shared text. Loaded then: most
// people never see it.
import { html, type TemplateResult } from "lit-html";
import { UnmergedBox, type UnmergedShown } from "../editor/unmerged-box";
import type { Unsent } from "../status/save-state";
import { UnsentBox } from "../status/unsent-box";
import type { ShownText } from "./shown-text";

export class TroubleBoxes {
  private readonly unsent: UnsentBox;
  private readonly unmerged: UnmergedBox;

  constructor(cell: ShownText, draw: () => void, signal: AbortSignal) {
    const { mark } = cell;
    const text = () => cell.live?.text?.toString() ?? "";
    const fileName = () => `${mark.document.replace(/[^\w.-]+/g, "-")}.${mark.type === "code" ? "py" : "md"}`;
    this.unsent = new UnsentBox({ text, fileName, discard: () => cell.live?.discard(), draw }, signal);
    this.unmerged = new UnmergedBox(
      {
        theirs: text,
        fileName,
        hasLineNumbers: mark.type === "code",
        useMine: () => cell.useMine(),
        keepTheirs: () => cell.keepTheirs(),
        draw,
      },
      signal,
    );
  }

  /** Both are there from the first time on, also with nothing to say: screen readers read only what changes in them. */
  boxes(refused: Unsent | null, aside: UnmergedShown | null): TemplateResult {
    return html`${this.unsent.box(refused)}${this.unmerged.box(aside)}`;
  }
}
