import { EditorSelection } from "@codemirror/state";
import { afterEach, expect, test } from "vitest";
import { cursorsIn } from "../../src/editor/cursor-states";
import { latestCursor } from "../../src/editor/following";
import { remoteCursorsOf } from "../../src/editor/remote-cursors";
import { bindingOf } from "../../src/editor/text-binding";
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

function placeOf(editor: AnEditor): number[] {
  return remoteCursorsOf(editor.view).flatMap(({ anchor, head }) => [anchor, head]);
}

/** As an editor with the focus does; there is none without a browser. */
function select(editor: AnEditor, anchor: number, head: number): void {
  const cursor = bindingOf(editor.view)?.rangeOf(EditorSelection.range(anchor, head));
  editor.awareness.setLocalStateField("cursor", cursor);
}

test("a selection is shown where it is, and moves with the edits of all", () => {
  const [ann, ben] = twoEditors("0123456789");
  select(ben, 4, 6);
  ann.seeCursorOf(ben);
  expect(placeOf(ann)).toEqual([4, 6]);

  ann.type(0, "> ");

  expect(placeOf(ann)).toEqual([6, 8]);
  expect(remoteCursorsOf(ann.view)[0]).toMatchObject({ name: "ben", moves: 1 });
});

test("a teacher's cursor carries the role, and a student of the same name has none", () => {
  const [ann, ben] = twoEditors("text");
  const shown = (user: object) => {
    ben.awareness.setLocalState({ user, cursor: ben.awareness.getLocalState()?.cursor });
    select(ben, 2, 2);
    ann.seeCursorOf(ben);
    return remoteCursorsOf(ann.view).map(({ name, role }) => [name, role]);
  };

  expect(shown({ id: "t", name: "Thea Teacher", role: "teacher" })).toEqual([["Thea Teacher", "teacher"]]);
  expect(shown({ id: "t", name: "Thea Teacher" })).toEqual([["Thea Teacher", null]]);
});

test("a cursor in text that has not arrived waits where it was", () => {
  const [ann, ben] = twoEditors("one\n");
  select(ben, 0, 0);
  ann.seeCursorOf(ben);

  ben.type(4, "two three");
  select(ben, 9, 9);
  ann.seeCursorOf(ben);
  expect(placeOf(ann)).toEqual([0, 0]);
  exchange(ann, ben);

  expect(placeOf(ann)).toEqual([9, 9]);
});

test("a cursor goes when its page goes", () => {
  const [ann, ben] = twoEditors("text");
  select(ben, 2, 2);
  ann.seeCursorOf(ben);

  ben.awareness.setLocalState(null);
  ann.seeCursorOf(ben);

  expect(remoteCursorsOf(ann.view)).toEqual([]);
});

test.each([
  null,
  7,
  { anchor: {}, head: {} },
  { anchor: { type: 5, tname: "text" }, head: { type: null, tname: "text" } },
  { anchor: { item: { client: "x", clock: 1 } }, head: { item: { client: 1, clock: -1 } } },
  { anchor: { item: { client: 1, clock: 1 }, assoc: "left" }, head: null },
])("a malformed cursor (%j) takes no other away", (cursor) => {
  const [ann, ben] = twoEditors("text");
  select(ben, 1, 1);
  ann.seeCursorOf(ben);
  ann.awareness.states.set(999, { user: { id: "x", name: "x" }, cursor });

  expect(cursorsIn(ann.awareness.states, ann.doc.clientID, "ann").map(({ client }) => client)).toEqual([
    ben.doc.clientID,
  ]);
  ann.type(0, "!");
  expect(placeOf(ann)).toEqual([2, 2]);
});

test("who follows a person with two pages follows the one that moved last", () => {
  const cursor = {
    personId: "b",
    name: "Ben",
    role: null,
    color: "#000000",
    anchor: 0,
    place: "",
    movedAt: 0,
  };
  const first = { ...cursor, client: 1, head: 10, moves: 5 };
  const second = { ...cursor, client: 2, head: 20, moves: 4 };

  expect(latestCursor([first, second], "b")).toBe(first);
  expect(latestCursor([first, { ...second, moves: 6 }], "b")?.head).toBe(20);
  expect(latestCursor([first, second], "nobody")).toBeNull();
});
