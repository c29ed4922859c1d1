// Editors on shared texts that exchange their edits as pages do, by hand.
import { EditorSelection, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { ownUndo } from "../src/editor/own-undo";
import { remoteCursors } from "../src/editor/remote-cursors";
import { shownText, textBinding } from "../src/editor/text-binding";
import { notTaken, textRules } from "../src/text/text-rules";

/** Bytes of the document around its text. */
export const AROUND = 11;

export class AnEditor {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly text: Y.Text;
  readonly undo: Y.UndoManager;
  readonly view: EditorView;
  readonly notices: string[] = [];

  constructor(
    from: Y.Doc | string,
    readonly id = "me",
    extensions: Extension = [],
  ) {
    if (typeof from === "string") this.doc.getText("text").insert(0, from);
    else Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(from));
    this.text = this.doc.getText("text");
    this.undo = new Y.UndoManager(this.text, { trackedOrigins: new Set() });
    this.awareness.setLocalState({ user: { id, name: id } });
    this.view = new EditorView({
      parent: document.body,
      state: EditorState.create({
        doc: shownText(this.text),
        extensions: [
          textRules(() => AROUND),
          textBinding(this.text, this.undo),
          ownUndo(this.undo),
          remoteCursors(this.awareness, () => id),
          EditorView.updateListener.of(({ transactions }) => {
            for (const { effects } of transactions)
              for (const effect of effects) if (effect.is(notTaken)) this.notices.push(effect.value);
          }),
          extensions,
        ],
      }),
    });
  }

  get shown(): string {
    return this.view.state.doc.sliceString(0, this.view.state.doc.length, "\n");
  }

  /** As the user types, pastes or composes: with a user event, at a place. */
  type(at: number, insert: string, { remove = 0, event = "input.type" } = {}): void {
    this.view.dispatch({
      changes: { from: at, to: at + remove, insert: this.view.state.toText(insert) },
      selection: EditorSelection.cursor(at + insert.length),
      userEvent: event,
    });
  }

  /** An input method begins, or has ended. */
  compose(isComposing: boolean): void {
    Object.defineProperty(this.view, "compositionStarted", { value: isComposing, configurable: true });
    if (!isComposing) this.view.contentDOM.dispatchEvent(new Event("compositionend"));
  }

  takeFrom(other: AnEditor): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(this.doc)), "remote");
  }

  seeCursorOf(other: AnEditor): void {
    const state = encodeAwarenessUpdate(other.awareness, [other.doc.clientID]);
    applyAwarenessUpdate(this.awareness, state, "remote");
  }

  destroy(): void {
    this.view.destroy();
    this.awareness.destroy();
  }
}

/** Both know what either has done, by way of the bytes that travel. */
export function exchange(first: AnEditor, second: AnEditor): void {
  first.takeFrom(second);
  second.takeFrom(first);
}
