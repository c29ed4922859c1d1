import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { LIVE_UPDATE_BYTES } from "../../src/schema/limits";
import { AnEditor, exchange } from "../an-editor";

let editors: AnEditor[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const editor of editors) editor.destroy();
  editors = [];
  vi.useRealTimers();
});

function twoEditors(text: string): [AnEditor, AnEditor] {
  const first = new AnEditor(text, "ann");
  const second = new AnEditor(first.doc, "ben");
  editors.push(first, second);
  return [first, second];
}

function expectAllAgree(text: string, ...all: AnEditor[]): void {
  for (const editor of all) {
    expect(editor.text.toString()).toBe(text);
    expect(editor.shown).toBe(text);
  }
}

test("what one types the other sees, and both texts are the editors'", () => {
  const [ann, ben] = twoEditors("one two");

  ann.type(3, " and a half");
  ben.type(0, "zero ");
  exchange(ann, ben);

  expectAllAgree("zero one and a half two", ann, ben);
});

test.each([
  ["a family", "👨‍👩‍👧", "👨‍👩‍👧‍👦"],
  ["a neighbour in the table", "😀", "😁"],
  ["a flag", "🇨🇭", "🇨🇦"],
])("an emoji that is replaced by %s arrives whole", (_name, before, after) => {
  const [ann, ben] = twoEditors(`<${before}>`);
  // As a browser reports it: the shortest stretch of units that differs, which may lie inside a character.
  const common = [...after].length && commonUnits(before, after);

  ann.type(1 + common, after.slice(common), { remove: before.length - common });
  exchange(ann, ben);

  expectAllAgree(`<${after}>`, ann, ben);
});

function commonUnits(before: string, after: string): number {
  let count = 0;
  while (count < before.length && before[count] === after[count]) count += 1;
  return count;
}

describe("line ends", () => {
  test.each([
    ["typed", "input.type"],
    ["pasted", "input.paste"],
    ["dropped", "input.drop"],
  ])("of Windows and of old Macs that are %s become line feeds", (_how, event) => {
    const [ann, ben] = twoEditors("()");

    ann.type(1, "a\r\nb\rc\n", { event });
    ben.type(2, "!");
    exchange(ann, ben);

    expectAllAgree("(a\nb\nc\n)!", ann, ben);
    expect(ann.view.state.selection.main.head).toBe("(a\nb\nc\n".length);
  });

  test("that are in a document already are kept and do not shift anything", () => {
    const [ann, ben] = twoEditors("a\r\nb\rc");

    ann.type(6, "!");
    ben.type(3, "B");
    exchange(ann, ben);

    expectAllAgree("a\r\nBb\rc!", ann, ben);
    expect(ann.view.state.doc.lines).toBe(2);
  });

  test("and separators of paragraphs are characters like others", () => {
    const [ann, ben] = twoEditors("a\u2028b\u2029c\u0085d\u000be");

    ann.type(2, "x");
    exchange(ann, ben);

    expectAllAgree("a\u2028xb\u2029c\u0085d\u000be", ann, ben);
  });
});

describe("while an input method composes", () => {
  test("what others do in the same line waits, and what is composed is carried over it", () => {
    const [ann, ben] = twoEditors("hello\nworld");
    ann.type(5, "k");
    exchange(ann, ben);
    ann.compose(true);

    ben.type(0, ">> ");
    ben.type(ben.text.toString().indexOf("\n"), "!");
    exchange(ann, ben);
    expect(ann.shown).toBe("hellok\nworld");
    ann.type(5, "こ", { remove: 1, event: "input.type.compose" });
    ann.type(5, "今日", { remove: 1, event: "input.type.compose" });
    exchange(ann, ben);
    expect(ben.shown).toBe(">> hello今日!\nworld");
    ann.compose(false);
    vi.advanceTimersByTime(100);

    expectAllAgree(">> hello今日!\nworld", ann, ben);
  });

  test("what others do elsewhere is shown", () => {
    const [ann, ben] = twoEditors("one\ntwo");
    ann.type(0, "k");
    exchange(ann, ben);
    ann.compose(true);

    ben.type(ben.text.length, "!");
    exchange(ann, ben);

    expectAllAgree("kone\ntwo!", ann, ben);
  });

  test("any order of edits ends with one text", { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const random = numbers(seed);
      const [ann, ben] = twoEditors("start 😀");
      ann.view.dispatch({ selection: { anchor: 3 } });
      ann.compose(true);
      for (let step = 0; step < 12; step += 1) {
        const who = random() < 0.6 ? ann : ben;
        const at = onWhole(who.shown, Math.floor(random() * (who.shown.length + 1)));
        if (random() < 0.7) who.type(at, ["x", "é", "🙂", "yz"][Math.floor(random() * 4)] ?? "");
        else if (at < who.shown.length)
          who.type(at, "", { remove: [...who.shown.slice(at)][0]?.length ?? 0 });
        if (random() < 0.5) exchange(ann, ben);
      }
      ann.compose(false);
      vi.advanceTimersByTime(100);
      exchange(ann, ben);
      expectAllAgree(ben.text.toString(), ann, ben);
      expect(ben.shown).not.toContain("\ufffd");
    }
  });
});

/** A small generator of numbers between 0 and 1, always the same for a seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function onWhole(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text[at] ?? "") ? at - 1 : at;
}

test("a large insertion travels in pieces that each fit into a message", () => {
  const [ann, ben] = twoEditors("");
  const sizes: number[] = [];
  ann.doc.on("update", (update: Uint8Array) => sizes.push(update.length));
  const text = "界🙂".repeat(100_000);

  ann.type(0, text);
  exchange(ann, ben);

  expect(ann.notices).toEqual([]);
  expect(sizes.length).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThan(LIVE_UPDATE_BYTES);
  expect(ben.shown === text).toBe(true);
});

test("something in the text that is no text has its place, and shifts nothing", () => {
  const ann = new AnEditor("ab");
  editors.push(ann);
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(ann.doc));
  other.getText("text").insertEmbed(1, { image: "x" });
  Y.applyUpdate(ann.doc, Y.encodeStateAsUpdate(other), "remote");

  ann.type(3, "!");

  expect(ann.shown).toBe("a\ufffcb!");
  expect(ann.text.toString()).toBe("ab!");
});
