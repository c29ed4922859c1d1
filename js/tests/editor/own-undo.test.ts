import { EditorState } from "@codemirror/state";
import { runScopeHandlers } from "@codemirror/view";
import { afterEach, expect, test } from "vitest";
import { AnEditor, exchange } from "../an-editor";

let editors: AnEditor[] = [];

afterEach(() => {
  for (const editor of editors) editor.destroy();
  editors = [];
});

function twoEditors(text: string): [AnEditor, AnEditor] {
  const first = new AnEditor(text, "ann");
  const second = new AnEditor(first.doc, "ben");
  editors.push(first, second);
  return [first, second];
}

function press(editor: AnEditor, key: string): void {
  runScopeHandlers(editor.view, new KeyboardEvent("keydown", { key, ctrlKey: true }), "editor");
}

/** Time passes since the last edit; Yjs looks at the real clock. */
function later(editor: AnEditor): void {
  editor.undo.lastChange -= 2000;
}

test("undo takes back what was typed here, and not what the other has typed in between", () => {
  const [ann, ben] = twoEditors("base");
  ann.type(4, " ann");
  exchange(ann, ben);
  ben.type(6, "BEN");
  exchange(ann, ben);

  press(ann, "z");
  exchange(ann, ben);
  expect([ann.shown, ben.shown]).toEqual(["baseBEN", "baseBEN"]);

  press(ann, "y");
  exchange(ann, ben);
  expect([ann.shown, ben.shown]).toEqual(["base aBENnn", "base aBENnn"]);
  press(ben, "z");
  expect(ben.shown).toBe("base ann");
});

test("undo brings back what was deleted here, also of the other's text, once", () => {
  const [ann, ben] = twoEditors("");
  ben.type(0, "written by ben");
  exchange(ann, ben);
  ann.type(0, "", { remove: 11, event: "delete.backward" });
  exchange(ann, ben);

  press(ann, "z");
  exchange(ann, ben);

  expect([ann.shown, ben.shown]).toEqual(["written by ben", "written by ben"]);
  press(ann, "z");
  expect(ann.shown).toBe("written by ben");
});

test("an edit of the other leaves redo possible; one's own ends it", () => {
  const [ann, ben] = twoEditors("");
  ann.type(0, "a");
  press(ann, "z");
  ben.type(0, "b");
  exchange(ann, ben);

  press(ann, "y");
  expect(ann.shown).toContain("a");
  press(ann, "z");
  later(ann);
  ann.type(0, "c");
  press(ann, "y");

  expect(ann.shown.includes("a")).toBe(false);
});

test("what is composed is one step, however long it takes", () => {
  const [ann] = twoEditors("");
  ann.compose(true);
  ann.type(0, "k");
  later(ann);
  ann.type(0, "か", { remove: 1 });
  later(ann);
  ann.type(0, "蚊", { remove: 1 });
  ann.compose(false);

  press(ann, "z");

  expect(ann.shown).toBe("");
});

test("undo puts the cursor to where the edit was", () => {
  const [ann, ben] = twoEditors("0123456789");
  ann.view.dispatch({ selection: { anchor: 5 } });
  ann.type(5, "x");
  ben.type(0, ">>");
  exchange(ann, ben);
  ann.view.dispatch({ selection: { anchor: 0 } });

  press(ann, "z");

  expect(ann.shown).toBe(">>0123456789");
  expect(ann.view.state.selection.main.head).toBe(7);
});

test("a reader cannot undo what was typed while writing was allowed", () => {
  const [ann] = twoEditors("");
  let isReadOnly = false;
  const cell = new AnEditor(
    "",
    "me",
    EditorState.readOnly.compute([], () => isReadOnly),
  );
  editors.push(cell);
  cell.type(0, "typed");
  isReadOnly = true;
  const reader = new AnEditor(cell.doc, "reader", EditorState.readOnly.of(true));
  editors.push(reader);
  reader.type(5, "!");

  press(reader, "z");

  expect(reader.shown).toBe("typed!");
  expect(ann.shown).toBe("");
});
