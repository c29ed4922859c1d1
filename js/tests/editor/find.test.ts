// Find and replace in the text of an editor.
import { EditorSelection, EditorState, Text } from "@codemirror/state";
import { afterEach, expect, test } from "vitest";
import { MOST, matchesIn } from "../../src/editor/find";
import { findPanel } from "../../src/editor/find-panel";
import { leaveByEscape } from "../../src/editor/leaving";
import { AnEditor } from "../an-editor";

let editor: AnEditor;

afterEach(() => editor?.destroy());

function open(text: string, extensions: ReturnType<typeof findPanel>[] = []): HTMLElement {
  editor = new AnEditor(text, "ann", [findPanel(() => "Fibonacci"), leaveByEscape(), ...extensions]);
  press(editor.view.contentDOM, "f", { ctrlKey: true });
  return editor.view.dom.querySelector<HTMLElement>("[role=search]") as HTMLElement;
}

function press(target: Element, key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const keyCode = { Escape: 27, Enter: 13 }[key] ?? key.toUpperCase().charCodeAt(0);
  const event = new KeyboardEvent("keydown", { key, keyCode, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
}

function fill(panel: HTMLElement, name: string, words: string): HTMLInputElement {
  const field = panel.querySelector<HTMLInputElement>(`[name=${name}]`) as HTMLInputElement;
  field.value = words;
  field.dispatchEvent(new Event("input"));
  return field;
}

function selected(): string {
  const { from, to } = editor.view.state.selection.main;
  return editor.view.state.sliceDoc(from, to);
}

const count = (panel: HTMLElement) => panel.querySelector(".tnb-find-count")?.textContent;
const ask = (search: string, matchesCase = false) => ({ search, replace: "", matchesCase });

test("words are found as they are written, whatever they would mean as a pattern", () => {
  const doc = Text.of(["a.b axb A.B", "İ a.b"]);

  expect(matchesIn(doc, ask("a.b")).map(({ from }) => from)).toEqual([0, 8, 14]);
  expect(matchesIn(doc, ask("A.B", true))).toEqual([{ from: 8, to: 11 }]);
  expect(matchesIn(doc, ask(""))).toEqual([]);
  expect(matchesIn(Text.of(["x".repeat(2 * MOST)]), ask("x"))).toHaveLength(MOST);
});

test("the panel has a name, takes the focus, and tells how often the words stand there", () => {
  const panel = open("total = 1\nTotal += total");

  fill(panel, "search", "total");

  expect(panel.getAttribute("aria-label")).toBe("Find in Fibonacci");
  expect(document.activeElement).toBe(panel.querySelector("[aria-label=Find]"));
  expect(count(panel)).toBe("3 found");
  for (const button of panel.querySelectorAll("button"))
    expect(button.getAttribute("aria-label")).toMatch(/\w/);
});

test("Enter goes from one to the next and round, Shift and Enter back", () => {
  const panel = open("total = 1\nTotal += total");
  const field = fill(panel, "search", "total");
  const places: number[] = [];

  for (const shiftKey of [false, false, false, false, true]) {
    press(field, "Enter", { shiftKey });
    places.push(editor.view.state.selection.main.from);
  }

  expect(places).toEqual([0, 10, 19, 0, 19]);
  expect(count(panel)).toBe("3 of 3");
});

test("Escape closes the panel, from inside and from the text, and the focus is in the text", () => {
  for (const isInside of [true, false]) {
    const panel = open("total = 1");

    const event = press(
      isInside ? (panel.querySelector("input") as Element) : editor.view.contentDOM,
      "Escape",
    );

    expect(event.defaultPrevented).toBe(true);
    expect(editor.view.dom.querySelector("[role=search]")).toBeNull();
    expect(document.activeElement).toBe(editor.view.contentDOM);
    editor.destroy();
  }
});

test("what is selected is looked for", () => {
  open("total = 1\nvalue = total");
  press(editor.view.dom.querySelector("input") as Element, "Escape");
  editor.view.contentDOM.blur();
  editor.view.dispatch({ selection: EditorSelection.single(10, 15) });

  press(editor.view.contentDOM, "f", { ctrlKey: true });

  expect(editor.view.dom.querySelector<HTMLInputElement>("[name=search]")?.value).toBe("value");
});

test("replacing one goes on to the next; replacing all changes the shared text", () => {
  const panel = open("a = b\nb = a");
  fill(panel, "search", "b");
  const field = fill(panel, "replace", "$&c");

  press(field, "Enter");
  expect(selected()).toBe("b");
  press(field, "Enter");
  expect(editor.text.toString()).toBe("a = $&c\nb = a");
  expect(editor.view.state.selection.main.from).toBe(8);
  panel.querySelector<HTMLButtonElement>("[aria-label='Replace all']")?.click();

  expect(editor.text.toString()).toBe("a = $&c\n$&c = a");
  expect(count(panel)).toBe("Not found");
});

test("a reader finds, and replaces nothing", () => {
  const panel = open("a = b", [EditorState.readOnly.of(true)]);
  fill(panel, "search", "b");

  const field = fill(panel, "replace", "c");
  press(field, "Enter");
  panel.querySelector<HTMLButtonElement>("[aria-label='Replace all']")?.click();

  expect(panel.querySelector<HTMLElement>(".tnb-find-row + .tnb-find-row")?.hidden).toBe(true);
  expect(editor.text.toString()).toBe("a = b");
});
