// What documents look like for whoever watches them, whatever they hold.
import { render } from "lit-html";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { JsonTree } from "../../src/document/json-tree";
import { lookOf, type Related } from "../../src/document/look";

let home: HTMLElement;
beforeEach(() => {
  home = document.createElement("div");
  document.body.replaceChildren(home);
});
afterEach(() => vi.restoreAllMocks());

function related(data: unknown, more: Partial<Related> = {}): Related {
  return {
    id: "x",
    type: "",
    name: "Ada",
    isBelow: false,
    parentId: null,
    createdAt: "2026-01-01T10:00:00Z",
    data,
    ...more,
  };
}

async function shown(type: string, data: unknown, others: Related[] = []): Promise<HTMLElement> {
  const look = await lookOf(type);
  const tree = new JsonTree(() => draw());
  const draw = () => {
    const json = (value: unknown, isOpen?: boolean) => tree.draw(value, isOpen);
    const { heading, body } = look.draw({ title: "watched", type, data, related: others, json });
    render([heading, body], home);
  };
  draw();
  return home;
}

const textOf = (element: HTMLElement) => element.textContent?.replace(/\s+/g, " ").trim() ?? "";

test.each([
  ["task_state", { state: "question" }, "?watchedQuestion"],
  ["progress_state", { progress: 1, totalSteps: 3 }, "Step 2 of 3"],
  ["page_read_check", { read: true, readTime: 5 }, "Reading time: 5 s"],
  ["choice_answer", { choices: [2] }, "Option 3"],
  ["true_false_answer", { value: true, assessed: true }, "This answer has been assessed."],
  ["solution", { text: "It is **42**." }, "It is **42**."],
  ["text_message", { text: "Hi" }, "Hi"],
  ["cms_text", { text: "Well done" }, "Well done"],
  ["quiz", { assessed: true }, "This quiz has been assessed."],
  ["simple_chat", { name: "" }, "Nobody has said anything yet."],
  ["dynamic_document_roots", { documentRootIds: ["a", "b"], documentRoots: [{ id: "c" }] }, "3 chat rooms"],
])("a document of type %s is shown in its own look, and cannot be changed", async (type, data, words) => {
  const element = await shown(type, data);

  expect(textOf(element)).toContain(words);
  expect(textOf(element)).not.toContain("does not fit");
  for (const control of element.querySelectorAll<HTMLInputElement>("input, button"))
    expect(control.disabled || control.closest<HTMLFieldSetElement>("fieldset")?.disabled).toBe(true);
});

test.each([
  ["task_state", { state: 5 }, "does not fit: state: 5. It is shown"],
  ["task_state", ["checked"], 'does not fit: ["checked"].'],
  ["task_state", { state: "nope" }, 'does not fit: state: "nope".'],
  ["task_state", null, "does not fit: null."],
  ["page_read_check", { readTime: -5 }, "does not fit: readTime: -5."],
  ["progress_state", { progress: "far", totalSteps: 3 }, 'does not fit: progress: "far"'],
  ["page_read_check", "read", 'does not fit: "read".'],
  ["choice_answer", { choices: "both", assessed: 1 }, 'does not fit: choices: "both", assessed: 1.'],
  ["true_false_answer", { value: {} }, "does not fit: value: {}."],
  ["choice_answer", { optionsOrder: [0, 0, 1] }, "does not fit: optionsOrder: [0,0,1]."],
  ["quiz", { questionOrder: [null] }, "does not fit: questionOrder: [null]."],
  ["simple_chat", null, "does not fit: null."],
  ["simple_chat", { name: 5 }, "does not fit: name: 5."],
  ["dir", { name: 5 }, "does not fit: name: 5."],
  ["dir", null, "does not fit: null."],
  ["mdx_comment", { nr: "first" }, 'does not fit: nr: "first".'],
  ["solution", { text: 1 }, "does not fit: text: 1."],
  ["netpbm_graphic", { imageData: [] }, "does not fit: imageData: []."],
])("what does not fit into %s is told, and shown as it is stored: %j", async (type, data, words) => {
  const element = await shown(type, data);

  expect(textOf(element)).toContain(words);
  expect(element.querySelector(".tnb-json")).not.toBeNull();
});

test.each([
  "task_state",
  "quiz",
  "simple_chat",
  "dynamic_document_roots",
  "excalidoc",
  "netpbm_graphic",
  "_unknown_",
  "toString",
  "code",
])("whatever %s holds, it is drawn", async (type) => {
  for (const data of [null, undefined, [], [1], "text", 7, true, {}, { a: { b: [null] } }])
    expect((await shown(type, data)).childElementCount).toBeGreaterThan(0);
});

test("an answer of a quiz that does not fit is shown as far as it is understood, with a sentence", async () => {
  const element = await shown("quiz", {}, [
    related({ qid: "home", choices: [-1], assessed: false }, { type: "choice_answer" }),
    related({ qid: "round", value: true, assessed: "x" }, { type: "true_false_answer" }),
  ]);

  const rows = [...element.querySelectorAll("dd")].map((row) => row.textContent ?? "");
  expect(rows[0]).toMatch(
    /not answered.*does not fit: choices: \[-1\]\..*“\.answer_document\("home"\)\.data”/,
  );
  expect(rows[1]).toMatch(/☑ True.*does not fit: assessed: "x"\./);
});

test("a quiz shows the answers that lie beside it, by the names of their questions", async () => {
  const element = await shown("quiz", {}, [
    related({ qid: "home", choices: [1, 2] }),
    related({ qid: "round", value: false }),
    related({ qid: "open", choices: [] }),
    related({ choices: [1] }),
  ]);

  const rows = [...element.querySelectorAll(".tnb-look-rows > div")].map((row) => textOf(row as HTMLElement));
  expect(rows).toEqual(["home☑ Option 2, 3", "round☑ False", "open☐ not answered"]);
});

test("a chat shows what was said below it", async () => {
  const element = await shown("simple_chat", {}, [
    related({ text: "Hi <b>all</b>" }, { isBelow: true }),
    related({ text: 1 }, { isBelow: true, name: "Bob" }),
    related({ text: "elsewhere" }),
  ]);

  const rows = [...element.querySelectorAll("li")].map((row) => textOf(row as HTMLElement));
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatch(/^Ada .*Hi <b>all<\/b>$/);
  expect(rows[1]).toMatch(/^Bob .*no text\.$/);
});

test("a thread shows its comments with their formats, and when it was resolved", async () => {
  const ops = [{ insert: "why", attributes: { italic: true } }, { insert: "?\n" }];
  const element = await shown("mdx_comment", {}, [
    related({ delta: { ops } }, { isBelow: true }),
    related({ delta: { ops: [{ insert: "\n" }] }, resolved: true }, { isBelow: true, name: "Bob" }),
    related({ delta: 7 }, { isBelow: true }),
  ]);

  const rows = [...element.querySelectorAll("li")].map((row) => textOf(row as HTMLElement));
  expect(element.querySelector("em")?.textContent).toBe("why");
  expect(rows).toEqual([
    expect.stringMatching(/^Ada .*why\?$/),
    expect.stringMatching(/^Resolved by Bob/),
    expect.stringMatching(/no text\.$/),
  ]);
});

test("a formatted text shows what it says, with its formats", async () => {
  const ops = [{ insert: "warm", attributes: { color: "red", bold: true } }, { insert: " day\n" }];
  const element = await shown("quill_v2", { delta: { ops }, markdown: "" });
  expect(textOf(element)).toBe("warm day");
  expect(element.querySelector("strong")?.textContent).toBe("warm");
  const nothing = { delta: { ops: [{ insert: "\n" }] } };
  expect(textOf(await shown("quill_v2", nothing))).toBe("Nothing has been written here yet.");
  expect(textOf(await shown("quill_v2", { delta: 7 }))).toContain("does not fit");
});

test("what nobody knows is folded JSON with a sentence", async () => {
  const long = "x".repeat(300);
  const element = await shown("of_somebody_else", { deep: { list: [1, "two"] }, long, empty: [] });

  expect(textOf(element)).toContain("“of_somebody_else” are not known here");
  expect(textOf(element)).toContain("3 keys");
  expect(textOf(element)).not.toContain("2 entries");
  const [root] = element.querySelectorAll("details");
  expect(root?.open).toBe(true);
  await unfold(element, "deep");
  await unfold(element, "list");
  expect(textOf(element)).toContain('1: "two"');
  expect(element.querySelector("pre")?.textContent).toBe(long);
});

async function unfold(element: HTMLElement, name: string): Promise<void> {
  const found = [...element.querySelectorAll("details")].find((each) =>
    textOf(each.querySelector("summary") as HTMLElement).startsWith(`${name}:`),
  );
  if (!found) throw new Error(`there is no ${name}`);
  found.open = true;
  found.dispatchEvent(new Event("toggle"));
  await Promise.resolve();
}

test("a drawing shows the picture that it holds, and no other address", async () => {
  const image = "data:image/png;base64,iVBORw0KGgo=";
  expect((await shown("excalidoc", { image, elements: [] })).querySelector("img")?.getAttribute("src")).toBe(
    image,
  );
  for (const other of ["https://example.org/a.png", "data:text/html,<b>x</b>", "javascript:x", 5])
    expect((await shown("excalidoc", { image: other })).querySelector("img")).toBeNull();
});

test("a drawing without a picture is known, and says that it has none", async () => {
  const none = await shown("excalidoc", { elements: [{ type: "line" }], image: "no picture" });
  expect(textOf(none)).toContain("This drawing has no picture: it is shown as it is stored.");
  expect(textOf(none)).not.toContain("not known here");

  const broken = await shown("excalidoc", { image: "data:image/png;base64,AAAA", elements: [] });
  const [picture, note] = [broken.querySelector("img"), broken.querySelector<HTMLElement>(".tnb-look-note")];
  expect([picture?.hidden, note?.hidden]).toEqual([false, true]);
  picture?.dispatchEvent(new Event("error"));
  expect([picture?.hidden, note?.hidden, note?.textContent]).toEqual([
    true,
    false,
    "The picture in this drawing is broken.",
  ]);
});

test("a picture that is not there yet is what is stored, and numbers that are too large are named", async () => {
  expect(textOf(await shown("netpbm_graphic", { img: "P1" }))).toMatch(/no picture yet.*img/);

  const clipped = await shown("netpbm_graphic", { imageData: "P2 2 1 10 500 5" });
  expect(clipped.querySelector("canvas")).not.toBeNull();
  expect(textOf(clipped)).toContain("Some numbers are above 10: they are drawn as that.");
  expect(textOf(await shown("netpbm_graphic", { imageData: "P2 2 1 10 9 5 500" }))).not.toContain("above");
});

test("a picture that is too large or none is its text", async () => {
  const element = await shown("netpbm_graphic", { imageData: "P1 1000 1000 0" });
  expect(element.querySelector("canvas")).toBeNull();
  expect(element.querySelector("details")?.open).toBe(true);
  expect(textOf(element)).toContain("too large to be drawn");
  expect(
    (await shown("netpbm_graphic", { imageData: "P1 1 1 0" }))
      .querySelector("canvas")
      ?.getAttribute("aria-label"),
  ).toBe("Picture watched, 1 × 1 pixels");
});
