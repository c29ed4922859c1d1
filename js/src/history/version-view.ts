// The text of a version, read-only, with what differs from the present text marked in it.
import { getChunks, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import editorStyle from "../ui/editor.css";
import { addStyle } from "../ui/styles";
import css from "./difference.css";

/** A difference is looked for so long, in milliseconds; very different texts are shown as replaced. */
const DIFF_MILLISECONDS = 200;

/** Pixels above the first difference. */
const MARGIN = 30;

export class VersionView {
  /** Most cells are never asked for their history: made when something is shown. */
  private view: EditorView | null = null;
  private shown: { text: string; present: string } | null = null;

  constructor(
    private readonly el: HTMLElement,
    private readonly options: { hasLineNumbers: boolean },
    signal: AbortSignal,
  ) {
    signal.addEventListener("abort", () => this.view?.destroy());
  }

  /** Show a version; returns in how many places it differs from the present text. */
  show(text: string, present: string, name: string): number {
    if (this.shown?.text !== text || this.shown.present !== present) {
      const before = this.shown;
      this.shown = { text, present };
      this.draw(this.state(text, present, name));
      if (before?.text !== text) this.showFirstDifference();
    }
    return this.chunks.length;
  }

  private get chunks() {
    return (this.view && getChunks(this.view.state)?.chunks) ?? [];
  }

  private draw(state: EditorState): void {
    if (this.view) this.view.setState(state);
    else this.view = this.made(state);
    // Of a field, which a text that is read is not.
    for (const name of ["aria-multiline", "aria-readonly"]) this.view.contentDOM.removeAttribute(name);
  }

  private made(state: EditorState): EditorView {
    addStyle(this.el, "editor", editorStyle);
    addStyle(this.el, "difference", css);
    const root = this.el.getRootNode();
    return new EditorView({ state, parent: this.el, ...(root instanceof ShadowRoot ? { root } : {}) });
  }

  /** In the view alone: CodeMirror's own way would scroll the page, too, until nothing above the text is seen. */
  private showFirstDifference(): void {
    const [first] = this.chunks;
    this.view?.requestMeasure({
      key: this,
      read: (view) => view.lineBlockAt(Math.min(first?.fromB ?? 0, view.state.doc.length)).top,
      write: (top, view) => {
        view.scrollDOM.scrollTop = Math.max(0, top - MARGIN);
      },
    });
  }

  private state(text: string, present: string, name: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({
          tabindex: "0",
          role: "document",
          "aria-label": name,
        }),
        this.options.hasLineNumbers ? lineNumbers() : EditorView.lineWrapping,
        unifiedMergeView({
          original: present,
          mergeControls: false,
          gutter: true,
          allowInlineDiffs: true,
          syntaxHighlightDeletions: false,
          diffConfig: { timeout: DIFF_MILLISECONDS },
        }),
      ],
    });
  }
}
