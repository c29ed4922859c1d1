import { EditorView } from "@codemirror/view";
import { afterEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

const stop = new AbortController();

afterEach(() => {
  document.body.replaceChildren();
  document.documentElement.lang = "";
});

async function anAnswer(text: string, traits: object = {}) {
  const model = new FakeModel({
    kind: "string",
    title: "Capital",
    text_key: "code",
    save_state: "saved",
    access: "RW_User",
    is_checked: true,
    ...traits,
  });
  new FakeKernel(model, text);
  const el = document.createElement("div");
  document.body.append(el);
  const life = new AbortController();
  (await initialize("string", { model, signal: life.signal })).render({ el, signal: stop.signal });
  const view = () => EditorView.findFromDOM(el.querySelector(".cm-editor") as HTMLElement) as EditorView;
  const button = () => el.querySelector<HTMLButtonElement>(".tnb-check button");
  const status = () => el.querySelector(".tnb-check [role=status]")?.textContent?.trim();
  const answer = (refusal = "") => {
    const sent = model.sentOf("check_answer").at(-1);
    model.receive({ kind: "answer", to: sent?.content.peer, ask: sent?.content.ask, value: null, refusal });
  };
  const judge = (verdict: string, hint = "") => {
    model.set("verdict", { text: model.sentOf("check_answer").at(-1)?.content.text, verdict, hint });
    answer();
  };
  return { model, el, life, view, button, status, answer, judge };
}

test("the kernel compares what stands in the page; the verdict goes when the text changes", async () => {
  const { model, view, button, status, judge } = await anAnswer("Basel");

  button()?.click();
  expect(status()).toBe("Checking …");
  expect(model.sentOf("check_answer")[0]?.content).toMatchObject({ text: "Basel" });
  judge("wrong", "it has a bear");
  await vi.waitFor(() => expect(status()).toContain("Not right yet. Hint: it has a bear"));

  view().dispatch({ changes: { from: 0, to: 5, insert: "Bern" } });
  await vi.waitFor(() => expect(status()).toBe(""));
  button()?.click();
  judge("right");
  await vi.waitFor(() => expect(status()).toBe("✓ Right."));
});

test("an empty text asks for an answer of those who may write, and of nobody else", async () => {
  const { model, view } = await anAnswer("");
  const words = () => view().dom.querySelector(".cm-placeholder")?.textContent;
  await vi.waitFor(() => expect(words()).toBe("Your answer"));
  expect(view().contentDOM.getAttribute("aria-placeholder")).toBe("Your answer");

  model.set("access", "RO_User");
  model.set("save_state", "read-only");

  await vi.waitFor(() => expect(words()).toBe("Nothing has been written here yet."));
  expect(view().contentDOM.getAttribute("aria-placeholder")).toBe("Nothing has been written here yet.");
});

test("what the kernel refuses is said", async () => {
  const { answer, button, status } = await anAnswer("Basel");
  button()?.click();
  answer("not today");

  await vi.waitFor(() => expect(status()).toContain("That did not work: not today."));
});

test("without a kernel the last verdict stays, and nothing can be checked", async () => {
  const { model, life, button, status } = await anAnswer("Bern", {
    verdict: { text: "Bern", verdict: "right", hint: "" },
  });
  life.abort();

  expect(status()).toBe("✓ Right.");
  expect(button()?.disabled).toBe(true);
  expect(model.sentOf("check_answer")).toEqual([]);
});

test("an answer without a check has no button", async () => {
  expect((await anAnswer("x", { is_checked: false })).button()).toBeNull();
});

test("on one line Enter checks, and what is dropped there has no line ends", async () => {
  const { model, view } = await anAnswer("Ber", { one_line: true });
  const { contentDOM } = view();

  contentDOM.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  expect(model.sentOf("check_answer")).toHaveLength(1);
  view().dispatch({ changes: { from: 3, insert: "n\n or\nso" }, userEvent: "input.drop" });

  expect(view().state.doc.toString()).toBe("Bern or so");
});

test("several lines that others have written stay several", async () => {
  expect((await anAnswer("one\ntwo", { one_line: true })).view().state.doc.lines).toBe(2);
});

test("it speaks German", async () => {
  document.documentElement.lang = "de";
  const { button } = await anAnswer("Bern");

  expect(button()?.textContent).toBe("Prüfen");
});

test("shows what another program has stored in the place of the editor, with the reason, until it is a text", async () => {
  const notice =
    "Another program has stored something here that does not fit: text is 5; whoever wrote it can mend it, its author by assigning `.model.data` in Python. It is shown here, and never rewritten.";
  const traits = { stored: '{\n  "text": 5\n}', access: "RO_User", save_state: "read-only", notice };
  const { el, model, view } = await anAnswer("", traits);
  const stored = () => el.querySelector(".tnb-stored")?.textContent;

  await vi.waitFor(() => expect(stored()).toBe('{\n  "text": 5\n}'));
  expect(el.querySelector("section")?.hasAttribute("data-stored")).toBe(true);
  expect(el.querySelector(".tnb-sharing")?.textContent).toContain("text is 5");
  expect(view().state.readOnly).toBe(true);

  for (const [name, value] of Object.entries({ stored: "", access: "RW_User", notice: "" }))
    model.set(name, value);
  expect(stored()).toBeUndefined();
  expect(el.querySelector("section")?.hasAttribute("data-stored")).toBe(false);
  await vi.waitFor(() => expect(view().state.readOnly).toBe(false));
});
