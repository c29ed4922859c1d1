import { EditorView } from "@codemirror/view";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { offerRealCells } from "../../src/jupyter/real-cells";
import { FakeJupyterKernel } from "../fake-jupyter";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
});

afterEach(() => stop.abort());

interface ACell {
  model: FakeModel;
  kernel: FakeKernel;
  show: () => HTMLElement;
}

async function aCell(access = "RW_User"): Promise<ACell> {
  const traits = {
    kind: "code",
    title: "Fibonacci",
    text_key: "code",
    save_state: "saved",
    access,
    me: { id: "u", name: "Ada" },
  };
  const model = new FakeModel(traits);
  const kernel = new FakeKernel(model, "x = 1");
  const shown = await initialize("code", { model, signal: stop.signal });
  const show = () => {
    const el = document.createElement("div");
    document.body.append(el);
    shown.render({ el, signal: stop.signal });
    return el;
  };
  return { model, kernel, show };
}

test("a code cell shows title, text and save state", async () => {
  const el = (await aCell()).show();

  expect(el.querySelector(".cm-content")?.textContent).toBe("x = 1");
  expect(el.querySelector(".cm-content")?.getAttribute("aria-label")).toContain("Fibonacci");
  await vi.waitFor(() => expect(el.querySelector(".tnb-status")?.textContent).toContain("Saved"));
});

test("nobody stands beside a cell whose kernel has never reached the hub", async () => {
  const { model, show } = await aCell();
  model.set("me", {});

  const people = show().querySelector<HTMLElement>(".tnb-people");

  expect(people?.textContent).not.toContain("Somebody");
  expect(people?.hidden).toBe(true);
});

test("what Escape and Tab do is said to all, and how the cell is run", async () => {
  const el = (await aCell()).show();

  expect(el.querySelector(".tnb-keys")?.textContent?.replace(/\s+/g, " ")).toBe(
    "Shift+Enter runs · Esc, then Tab leaves",
  );
  const hint = el.querySelector(".cm-content")?.getAttribute("aria-describedby");
  expect(el.querySelector(`#${hint}`)?.textContent).toContain("press Escape, then Tab, to leave");
});

test("two views of a code cell share one document", async () => {
  const { kernel, show } = await aCell();
  const [first, second] = [show(), show()];

  kernel.edit(5, "0");

  expect(first.querySelector(".cm-content")?.textContent).toBe("x = 10");
  expect(second.querySelector(".cm-content")?.textContent).toBe("x = 10");
});

test.each([
  ["what is typed before its text is here", true],
  ["what is typed before it is known", false],
])("the cursor stays behind %s when the document is replaced", async (_what, isKnown) => {
  const { kernel, show } = await aCell();
  const view = EditorView.findFromDOM(show().querySelector<HTMLElement>(".cm-editor") as HTMLElement);
  if (!view) throw new Error("there is no editor");
  const type = (insert: string) =>
    view.dispatch(view.state.replaceSelection(insert), { userEvent: "input.type" });
  view.dispatch({ selection: { anchor: 5 } });

  kernel.isBusy = true;
  if (isKnown) kernel.replace("# title\nx = 1");
  type("\n\tif");
  if (!isKnown) kernel.replace("# title\nx = 1");
  kernel.work();
  type(" x:");

  expect(view.state.doc.toString()).toBe("# title\nx = 1\n\tif x:");
  expect(kernel.text).toBe("# title\nx = 1\n\tif x:");
});

test("keys in a code cell do not reach JupyterLab's shortcuts", async () => {
  const el = (await aCell()).show();
  let leaked = 0;
  document.body.addEventListener("keydown", () => (leaked += 1), { signal: stop.signal });

  const box = el.querySelector(".tnb-widget");
  el.querySelector(".cm-content")?.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true }));

  expect(leaked).toBe(0);
  expect(box?.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
});

test("run sends the text as it stands in the browser", async () => {
  const { model, kernel, show } = await aCell();
  const el = show();
  kernel.edit(5, "2");

  el.querySelector<HTMLButtonElement>("button")?.click();

  expect(model.sentOf("run")[0]?.content.code).toBe("x = 12");
});

test("nothing that the kernel sends starts a run", async () => {
  const { model, kernel, show } = await aCell();
  show();

  kernel.edit(0, "import os\n");
  kernel.replace("import os");
  model.set("save_state", "offline");
  model.receive({ kind: "run", number: 1, run: "r", state: "done", status: "ok", steps: [] });

  expect(model.sentOf("run")).toEqual([]);
});

test("what the code asks for is typed in any view, and hidden where it is a secret", async () => {
  const { model, show } = await aCell();
  const [first, second] = [show(), show()];
  const ask = (number: number, question: object | null) =>
    model.receive({ kind: "run", number, run: "r", state: "running", status: "", steps: [], question });
  const fieldOf = (el: HTMLElement) => el.querySelector<HTMLInputElement>("form input");
  ask(1, { number: 5, prompt: "Your name? ", secret: false });
  expect([first, second].map((el) => fieldOf(el)?.getAttribute("aria-label"))).toEqual([
    "Your name?",
    "Your name?",
  ]);
  expect(fieldOf(first)?.type).toBe("text");

  const field = fieldOf(first) as HTMLInputElement;
  field.value = "Ada";
  field.form?.requestSubmit();

  const { kind: _, ...answer } = model.sentOf("input_reply")[0]?.content ?? {};
  expect(answer).toEqual({ run: "r", number: 5, value: "Ada" });
  expect([first, second].map(fieldOf)).toEqual([null, null]);

  ask(2, { number: 6, prompt: "Password: ", secret: true });
  expect(fieldOf(second)?.type).toBe("password");
  expect(fieldOf(second)?.value).toBe("");
  fieldOf(second)?.dispatchEvent(new KeyboardEvent("keydown", { key: "d", ctrlKey: true, bubbles: true }));
  expect(model.sentOf("input_reply")[1]?.content.value).toBe("\x04");
});

test("a reader's editor says that it is read only", async () => {
  const { model, show } = await aCell("RO_DocumentRoot");
  model.set("save_state", "read-only");

  const el = show();

  expect(el.querySelector(".cm-content")?.getAttribute("aria-readonly")).toBe("true");
  await vi.waitFor(() => expect(el.querySelector(".tnb-status")?.textContent).toContain("Read only"));
});

test("a problem becomes a sentence in the cell", async () => {
  const { model, show } = await aCell();
  const el = show();

  model.set("problem", "something did not work: <b>disk</b> full.");

  const alert = el.querySelector<HTMLElement>(".tnb-problem");
  expect(alert?.hidden).toBe(false);
  expect(alert?.textContent).toContain("<b>disk</b> full");
});

test.each(["hologram", "constructor"])("%s is no widget, and refused by its name", async (kind) => {
  const initialized = initialize(kind, { model: new FakeModel(), signal: stop.signal });

  await expect(initialized).rejects.toThrow(kind);
});

test("after a restart of the kernel nothing claims to be saved or can be run", async () => {
  const { model, show } = await aCell();
  const kernel = new FakeJupyterKernel();
  model.widget_manager = kernel.manager;
  const el = document.createElement("div");
  document.body.append(el);
  (await initialize("code", { model, signal: stop.signal })).render({ el, signal: stop.signal });
  show();

  kernel.become("restarting");

  await vi.waitFor(() => expect(el.querySelector(".tnb-status")?.textContent).toContain("Not connected"));
  expect(el.querySelector("button")?.disabled).toBe(true);
  expect(el.querySelector(".cm-content")?.getAttribute("aria-readonly")).toBe("true");
  expect(el.querySelector(".tnb-detail")?.textContent).toContain("Run the notebook cell again");
});

test("where cells can be live themselves, the text can become one", async () => {
  const { model, show } = await aCell();
  const el = show();
  const button = () =>
    [...el.querySelectorAll("button")].find((one) => one.textContent?.includes("real cell"));
  const made: unknown[] = [];
  let canMake = false;
  offerRealCells({
    canMake: () => canMake,
    make: async (below, ...what) => void made.push(below === el, ...what),
  });
  const mark = { document: "fib", type: "code", shared: true, course: "kurs" } as const;
  model.set("mark", {});
  canMake = true;
  await vi.waitFor(() => expect(el.querySelector(".tnb-status")?.textContent).toContain("Saved"));
  expect(button()).toBeUndefined();

  model.set("mark", mark);
  await vi.waitFor(() => expect(button()).toBeDefined());
  button()?.click();
  expect(made).toEqual([true, mark, "x = 1"]);

  canMake = false;
  await vi.waitFor(() => expect(button()).toBeUndefined());
});
