// A formatted text on a page: what is typed is drawn below it, and what Markdown cannot say is drawn alone.
import { EditorView } from "@codemirror/view";
import { afterEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { drawable } from "../../src/document/drawable";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

const stop = new AbortController();

afterEach(() => document.body.replaceChildren());

async function aText(text: string, traits: object = {}) {
  const state = {
    kind: "quill_v2",
    title: "Notes",
    text_key: "code",
    save_state: "saved",
    access: "RW_User",
  };
  const model = new FakeModel({ ...state, stored: "", ...traits });
  const kernel = new FakeKernel(model, text);
  const el = document.createElement("div");
  document.body.append(el);
  (await initialize("quill_v2", { model, signal: new AbortController().signal })).render({
    el,
    signal: stop.signal,
  });
  const view = () => EditorView.findFromDOM(el.querySelector(".cm-editor") as HTMLElement) as EditorView;
  const look = () => el.querySelector(".tnb-richtext-look") as HTMLElement;
  return { model, kernel, el, view, look };
}

test("draws what is typed, and nothing where nothing is written", async () => {
  const { view, look } = await aText("");
  expect(look().hidden).toBe(true);

  view().dispatch({ changes: { from: 0, insert: "# One\ntwo\nthree" } });

  // This page has no front end that draws Markdown.
  await vi.waitFor(() => expect(look().textContent).toBe("# One\n\ntwo  \nthree"));
  expect(look().hidden).toBe(false);
  expect(look().getAttribute("aria-label")).toBe("What it looks like");
});

test("draws what others type as it comes, and goes on while they do not pause", async () => {
  const { kernel, look } = await aText("one");
  await vi.waitFor(() => expect(look().textContent).toBe("one"));

  kernel.edit(kernel.text.length, " and two");
  await vi.waitFor(() => expect(look().textContent).toContain("and two"));

  let drawn = 0;
  new MutationObserver(() => drawn++).observe(look(), {
    subtree: true,
    childList: true,
    characterData: true,
  });
  const typing = setInterval(() => kernel.edit(0, "."), 50);
  await vi.waitFor(() => expect(drawn).toBeGreaterThan(0), { timeout: 3000 });
  clearInterval(typing);

  kernel.replace("another document");
  await vi.waitFor(() => expect(look().textContent).toBe("another document"));
  kernel.edit(0, "Of ");
  await vi.waitFor(() => expect(look().textContent).toBe("Of another document"));
});

test("shows what another program has stored in the place of the editor, with the reason", async () => {
  const why =
    "Another program has written this, and it has text with color. It is shown here, and never rewritten. Whoever wrote it can mend it, its author by assigning `.model.delta` in Python.";
  const traits = { stored: "**warm** day", access: "RO_User", save_state: "read-only", notice: why };
  const { el, look, model, view } = await aText("", traits);

  await vi.waitFor(() => expect(look().textContent).toBe("**warm** day"));
  expect(el.querySelector(".tnb-richtext")?.hasAttribute("data-stored")).toBe(true);
  expect(el.querySelector(".tnb-sharing")?.textContent).toContain("it has text with color");
  expect(view().state.readOnly).toBe(true);

  for (const [name, value] of Object.entries({ stored: "", access: "RW_User", notice: "" }))
    model.set(name, value);
  await vi.waitFor(() => expect(look().hidden).toBe(true));
  expect(el.querySelector(".tnb-richtext")?.hasAttribute("data-stored")).toBe(false);
});

test.each([
  ["one\ntwo\n\nthree", "one  \ntwo\n\nthree"],
  ["# a\nb\n## c", "# a\n\nb\n## c"],
  ["- a\n- b\nc\n1. d", "- a\n- b\n\nc\n1. d"],
  ["> a\n> b\nc", "> a\n> b  \nc"],
  ["a\n```py\nx\ny\n```\nb\nc", "a\n```py\nx\ny\n```\nb  \nc"],
  ["````\n```\nx\n````\na", "````\n```\nx\n````\na"],
])("lines stay lines when Markdown is drawn: %j", (text, wanted) => {
  expect(drawable(text)).toBe(wanted);
});

test("takes no more than can be converted, and says so", async () => {
  const { el, view } = await aText("x".repeat(99_999));

  view().dispatch({ changes: { from: 0, insert: "yz" }, userEvent: "input.paste" });
  expect(el.querySelector(".tnb-not-taken")?.textContent).toContain(
    "the text would have 100,001 bytes, and the limit is 100,000",
  );
  view().dispatch({ changes: { from: 0, insert: "y" }, userEvent: "input.type" });
  expect(view().state.doc.length).toBe(100_000);
});
