// What an editor tells the kernel of text that comes from elsewhere.
import { EditorView } from "@codemirror/view";
import { afterEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

const stop = new AbortController();

afterEach(() => document.body.replaceChildren());

async function anEditor() {
  const model = new FakeModel({
    kind: "code",
    title: "loop",
    text_key: "code",
    save_state: "saved",
    access: "RW_User",
  });
  const kernel = new FakeKernel(model, "x = 1\n");
  const el = document.createElement("div");
  document.body.append(el);
  (await initialize("code", { model, signal: stop.signal })).render({ el, signal: stop.signal });
  const view = EditorView.findFromDOM(el.querySelector(".cm-editor") as HTMLElement) as EditorView;
  await vi.waitFor(() => expect(view.state.doc.toString()).toBe("x = 1\n"));
  return { kernel, model, view };
}

test.each([
  ["pasted", "input.paste", 1],
  ["dropped from elsewhere", "input.drop", 1],
  ["dragged to another place of the same text", "move.drop", 0],
  ["typed", "input.type", 0],
])("text that is %s", async (_how, userEvent, times) => {
  const { kernel, model, view } = await anEditor();

  view.dispatch({ changes: { from: 0, insert: "y = 2\n" }, userEvent });

  await vi.waitFor(() => expect(kernel.text).toBe("y = 2\nx = 1\n"));
  expect(model.sentOf("pasted")).toHaveLength(times);
});
