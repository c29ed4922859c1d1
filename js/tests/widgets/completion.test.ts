// Names for whoever types or presses Tab in a code cell: from the kernel, and without it from the text.
import { completionStatus, currentCompletions, startCompletion } from "@codemirror/autocomplete";
import { EditorSelection } from "@codemirror/state";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Channel } from "../../src/jupyter/channel";
import { watchCells } from "../../src/jupyter/manager";
import { NameCompletion } from "../../src/widgets/code/completion";
import { KernelNames } from "../../src/widgets/code/kernel-names";
import { pythonEditor } from "../../src/widgets/code/python-editor";
import { AnEditor } from "../an-editor";
import { FakeJupyterKernel } from "../fake-jupyter";
import { FakeModel } from "../fake-model";

let life: AbortController;
let model: FakeModel;
let editor: AnEditor;
let runs: number;
/** What the kernel answers to the code before the cursor; it does not answer while this says nothing. */
let answer: (before: string) => object | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  life = new AbortController();
  model = new FakeModel();
  runs = 0;
  answer = () => undefined;
  model.onSend = ({ content }) => {
    const { kind, ask, peer, code, position } = content;
    if (kind !== "complete") return;
    const value = answer([...(code as string)].slice(0, position as number).join(""));
    if (value) queueMicrotask(() => model.receive({ kind: "answer", to: peer, ask, value }));
  };
});

afterEach(() => {
  vi.useRealTimers();
  life.abort();
  editor.destroy();
});

function open(text: string): void {
  const names = new KernelNames(new Channel(model, life.signal), watchCells(model, life.signal));
  editor = new AnEditor(
    text,
    "ann",
    pythonEditor(() => (runs += 1), new NameCompletion(names)),
  );
  editor.view.dispatch({ selection: EditorSelection.cursor(text.length) });
}

/** A kernel that knows these names, of which those are offered that begin with the last word. */
function knows(...names: string[]): (before: string) => object {
  return (before) => {
    const word = /\w*$/.exec(before)?.[0] ?? "";
    const end = [...before].length;
    const fitting = names.filter((name) => name.startsWith(word));
    return { start: end - word.length, end, names: fitting.map((text) => ({ text, type: "function" })) };
  };
}

function type(words: string): void {
  for (const letter of words) editor.type(editor.view.state.selection.main.head, letter);
}

function press(key: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const keyCode = { Tab: 9, Enter: 13, Escape: 27, ArrowDown: 40 }[key] ?? 0;
  const event = new KeyboardEvent("keydown", { key, keyCode, bubbles: true, cancelable: true, ...more });
  editor.view.contentDOM.dispatchEvent(event);
  return event;
}

const settle = (milliseconds = 500) => vi.advanceTimersByTimeAsync(milliseconds);
const offered = () => currentCompletions(editor.view.state).map(({ label }) => label);
const asked = () => model.sentOf("complete").map(({ content }) => content.position);

test.each([{ shiftKey: true }, { ctrlKey: true }])("Enter with %o runs, and types nothing", (more) => {
  open("x = 1");

  expect(press("Enter", more).defaultPrevented).toBe(true);

  expect(runs).toBe(1);
  expect(editor.shown).toBe("x = 1");
});

test("Enter begins a line, however many names are offered, until one has been chosen", async () => {
  answer = knows("pow", "print");
  open("total = ");
  type("p");
  await settle();
  expect(offered()).toEqual(["pow", "print"]);

  press("Enter");
  expect(editor.shown).toBe("total = p\n");

  type("p");
  await settle();
  press("ArrowDown");
  press("Enter");
  expect(editor.shown).toBe("total = p\npow");
});

test("Tab takes the only name, behind characters of two units too", async () => {
  answer = knows("unusual_name");
  open("'😀'; unus");

  press("Tab");
  await settle();

  expect(editor.shown).toBe("'😀'; unusual_name");
  expect(asked()).toEqual([9]);
});

test("Tab takes the only name too when the kernel is still asked for what was typed before", async () => {
  open("");
  type("un");
  await settle(200);
  type("us");
  press("Tab");
  await settle(3_000);
  const { content } = model.sentOf("complete")[0] ?? {};
  expect(content?.position).toBe(2);

  model.receive({
    kind: "answer",
    to: content?.peer,
    ask: content?.ask,
    value: knows("unit", "unusual")("un"),
  });
  await settle();

  expect(editor.shown).toBe("unusual");
});

test("Tab shows several names, then types what they share, then goes from one to the next", async () => {
  answer = knows("price_list", "price_total");
  open("pri");

  press("Tab");
  await settle();
  expect(offered()).toEqual(["price_list", "price_total"]);
  press("Tab");
  expect(editor.shown).toBe("price_");
  press("Tab");
  press("Tab");
  press("Enter");

  expect(editor.shown).toBe("price_total");
});

test("Tab and Shift with Tab go both ways", async () => {
  answer = knows("aa", "ab", "ac");
  open("a");
  press("Tab");
  await settle();

  for (const shiftKey of [false, false, true, true]) press("Tab", { shiftKey });
  press("Enter");

  expect(editor.shown).toBe("ac");
});

test("Tab indents at the beginning of a line, aligns behind a space, and asks nobody", async () => {
  open("  x");
  editor.view.dispatch({ selection: EditorSelection.cursor(1) });
  press("Tab");
  expect(editor.shown).toBe("      x");

  editor.view.dispatch({ selection: EditorSelection.cursor(7) });
  type(" ");
  press("Tab");
  await settle();

  expect(editor.shown).toBe(`      x${" ".repeat(5)}`);
  expect(asked()).toEqual([]);
});

test("Escape closes the list of names first, and then lets Tab leave", async () => {
  answer = knows("pow", "print");
  open("");
  type("p");
  await settle();

  press("Escape");
  expect(completionStatus(editor.view.state)).toBeNull();
  expect(press("Tab").defaultPrevented).toBe(true);
  await settle(3_000);
  press("Escape");
  press("Escape");

  expect(press("Tab").defaultPrevented).toBe(false);
  expect(editor.shown).toBe("p");
});

test("a kernel that runs something is waited for once, and asked again when it has answered", async () => {
  open("value = 1\n");
  type("va");
  await settle(300);
  expect(offered()).toEqual([]);
  await settle(300);
  expect(offered()).toContain("value");
  expect(asked()).toHaveLength(1);

  type(" va");
  await settle(150);
  expect(offered()).toContain("value");
  expect(asked()).toHaveLength(1);

  answer = knows("value", "vast");
  const { content } = model.sentOf("complete")[0] ?? {};
  const late = { start: 10, end: 12, names: [{ text: "vanished", type: "" }] };
  model.receive({ kind: "answer", to: content?.peer, ask: content?.ask, value: late });
  await settle();
  expect(offered()).not.toContain("vanished");
  type(" va");
  await settle();
  expect(offered()).toEqual(["value", "vast"]);
});

test("whoever asks waits for a kernel that runs nothing, and not for one that runs a cell", async () => {
  const jupyter = new FakeJupyterKernel();
  model.widget_manager = jupyter.manager;
  open("volume = 1\nvo");
  press("Tab");
  // It takes what a widget says meanwhile.
  jupyter.become("busy");
  jupyter.say("busy", "comm_msg");
  await settle(4_900);
  expect(editor.shown).toBe("volume = 1\nvo");
  await settle(1_000);
  expect(editor.shown).toBe("volume = 1\nvolume");

  jupyter.say("busy");
  type(" vo");
  press("Tab");
  await settle(100);

  expect(editor.shown).toBe("volume = 1\nvolume volume");
});

test("a busy kernel has the names of Python in the place of its own, but in no text", async () => {
  const jupyter = new FakeJupyterKernel();
  model.widget_manager = jupyter.manager;
  open("# whi\nwhi");
  jupyter.become("busy");
  jupyter.say("busy");
  press("Tab");
  await settle();
  expect(editor.shown).toBe("# whi\nwhile");

  editor.view.dispatch({ selection: EditorSelection.cursor(5) });
  press("Tab");
  await settle();

  expect(editor.shown).toBe("# whi\nwhile");
});

test("names behind a dot are the kernel's alone, and another dot asks anew", async () => {
  answer = (before) => knows(...(before.endsWith(".") ? ["append"] : ["numbers"]))(before);
  open("numbers = []\n");
  type("numbers");
  await settle();
  type(".");
  await settle();
  expect(offered()).toEqual(["append"]);

  answer = () => ({ start: 0, end: 0, names: [] });
  type("x.");
  await settle();

  expect(offered()).toEqual([]);
});

test("numbers, strings and comments are typed in peace; asked, the kernel knows more", async () => {
  answer = knows("p1", "path");
  open("\n");
  editor.view.dispatch({ selection: EditorSelection.cursor(0) });
  for (const words of ["1", " 'p", "'\n# p"]) {
    type(words);
    await settle();
    expect(offered()).toEqual([]);
  }

  startCompletion(editor.view);
  await settle();

  expect(offered()).toEqual(["p1", "path"]);
});

test("an answer to what was typed before is not shown for what is typed by now", async () => {
  open("");
  type("pr");
  await settle(200);
  const { content } = model.sentOf("complete")[0] ?? {};
  type("(1");

  const value = { start: 0, end: 2, names: [{ text: "print", type: "function" }] };
  model.receive({ kind: "answer", to: content?.peer, ask: content?.ask, value });
  await settle();

  expect(offered()).toEqual([]);
});

test("a reader's Tab leaves the editor, and looks for nothing", async () => {
  const { EditorState } = await import("@codemirror/state");
  const names = new KernelNames(new Channel(model, life.signal), watchCells(model, life.signal));
  const python = pythonEditor(() => {}, new NameCompletion(names));
  editor = new AnEditor("pri", "ann", [python, EditorState.readOnly.of(true)]);

  expect(press("Tab").defaultPrevented).toBe(false);
  expect(asked()).toEqual([]);
});
