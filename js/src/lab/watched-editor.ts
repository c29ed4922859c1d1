// The editor of a text that is watched beside the notebook, in the colours of JupyterLab's theme.

import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { type IEditorLanguageRegistry, jupyterTheme } from "@jupyterlab/codemirror";
import * as Y from "yjs";
import type { WatchedText } from "../cells/watched-text";
import { ownUndo } from "../editor/own-undo";
import { remoteCursors } from "../editor/remote-cursors";
import { shownText, textBinding } from "../editor/text-binding";
import { writing } from "../editor/writing";
import { textRules } from "../text/text-rules";
import { t } from "../text/words";

const LANGUAGES = { code: "python", string: "markdown" };

export class WatchedEditor {
  readonly view: EditorView;
  private readonly mayWrite = new Compartment();
  private readonly language = new Compartment();
  private undo: Y.UndoManager | null = null;
  private highlighting: Extension = [];
  private isWritable = false;

  /** `extensions` are those of whoever shows it. */
  constructor(
    private readonly text: WatchedText,
    private readonly extensions: Extension,
    languages: IEditorLanguageRegistry | null,
    private readonly signal: AbortSignal,
  ) {
    this.view = new EditorView({ state: this.state("", []) });
    text.onReady(() => this.bind(), signal);
    text.onChange(() => this.follow(), signal);
    signal.addEventListener("abort", () => {
      this.undo?.destroy();
      this.view.destroy();
    });
    void this.highlight(languages);
  }

  /** The text is here, or another document has taken its place. */
  private bind(): void {
    const { live, me } = this.text;
    const shared = live?.text;
    if (!live || !shared) return;
    this.undo?.destroy();
    // Only what was typed here can be undone here: the binding adds itself.
    this.undo = new Y.UndoManager(shared, { trackedOrigins: new Set() });
    this.isWritable = this.text.isWritable;
    const bound = [
      textRules(() => live.sizeAround),
      textBinding(shared, this.undo),
      ownUndo(this.undo),
      remoteCursors(live.awareness, () => me?.id),
      EditorView.updateListener.of(({ docChanged }) => docChanged && this.text.keepSoon()),
    ];
    this.view.setState(this.state(shownText(shared), bound));
  }

  private follow(): void {
    const { isWritable } = this.text;
    if (isWritable === this.isWritable || !this.text.live?.isSynced) return;
    this.isWritable = isWritable;
    this.view.dispatch({ effects: this.mayWrite.reconfigure(writing(isWritable)) });
  }

  private state(doc: string, bound: Extension): EditorState {
    const { mark } = this.text;
    return EditorState.create({
      doc,
      extensions: [
        jupyterTheme,
        lineNumbers(),
        mark.type === "string" ? EditorView.lineWrapping : [],
        EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({ "aria-label": t("{title}, editor", { title: mark.document }) }),
        this.language.of(this.highlighting),
        this.mayWrite.of(writing(this.isWritable)),
        bound,
        this.extensions,
      ],
    });
  }

  private async highlight(languages: IEditorLanguageRegistry | null): Promise<void> {
    const language = await languages?.getLanguage(LANGUAGES[this.text.mark.type]);
    if (!language?.support || this.signal.aborted) return;
    this.highlighting = language.support;
    this.view.dispatch({ effects: this.language.reconfigure(this.highlighting) });
  }
}
