// Undo and redo of what was typed on this page, and of nothing else.
//
// The stack lives as long as the shared document: it outlasts a lost connection, the edits of others and a
// restored version, and begins anew when the kernel replaces the document.
import type { Extension } from "@codemirror/state";
import { EditorView, type KeyBinding, keymap, type PluginValue, ViewPlugin } from "@codemirror/view";
import type * as Y from "yjs";
import { bindingOf, type SharedRange } from "./text-binding";

interface StackEvent {
  stackItem: { meta: Map<unknown, unknown> };
}

/** Puts the selection back to where it was before the edit that is undone. */
class UndoneSelection implements PluginValue {
  constructor(
    private readonly view: EditorView,
    private readonly undo: Y.UndoManager,
  ) {
    undo.on("stack-item-added", this.added);
    undo.on("stack-item-popped", this.popped);
  }

  destroy(): void {
    this.undo.off("stack-item-added", this.added);
    this.undo.off("stack-item-popped", this.popped);
  }

  private readonly added = ({ stackItem, origin }: StackEvent & { origin: unknown }): void => {
    const binding = bindingOf(this.view);
    if (!binding) return;
    if (origin === binding && binding.beforeEdit) stackItem.meta.set(this, binding.beforeEdit);
    // What redo puts back shall be seen as well.
    if (origin === this.undo && this.view.hasFocus)
      stackItem.meta.set(this, binding.rangeOf(this.view.state.selection.main));
  };

  private readonly popped = ({ stackItem }: StackEvent): void => {
    const range = stackItem.meta.get(this) as SharedRange | undefined;
    const selection = range && bindingOf(this.view)?.selectionAt(range);
    if (selection) this.view.dispatch({ selection, scrollIntoView: true, userEvent: "select.undo" });
  };
}

export function ownUndo(undo: Y.UndoManager): Extension {
  const step = (direction: "undo" | "redo") => (view: EditorView) => {
    // Also what was typed before the right to write was taken away stays.
    if (!view.state.readOnly) undo[direction]();
    return true;
  };
  const keys: KeyBinding[] = [
    { key: "Mod-z", run: step("undo"), preventDefault: true },
    { key: "Mod-y", mac: "Mod-Shift-z", run: step("redo"), preventDefault: true },
    { key: "Mod-Shift-z", run: step("redo"), preventDefault: true },
  ];
  return [
    ViewPlugin.define((view) => new UndoneSelection(view, undo)),
    keymap.of(keys),
    EditorView.domEventHandlers({
      beforeinput: (event, view) => {
        if (event.inputType === "historyUndo") return step("undo")(view);
        return event.inputType === "historyRedo" && step("redo")(view);
      },
    }),
  ];
}
