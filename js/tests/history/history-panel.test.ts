import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { FakeJupyterKernel } from "../fake-jupyter";
import { FakeKernel } from "../fake-kernel";
import { FakeModel, type Sent } from "../fake-model";

const VERSIONS = [
  { number: 3, kind: "edit", at: "2026-01-03T10:00:00.000Z", authors: ["Ben"] },
  { number: 2, kind: "edit", at: "2026-01-02T10:00:00.000Z", authors: ["Ann"] },
  { number: 1, kind: "start", at: "2026-01-01T10:00:00.000Z", authors: ["Ann"] },
];

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
});

/** A code cell, and a kernel that answers about its history what the test has prepared. */
class ACell {
  readonly model: FakeModel;
  readonly kernel: FakeKernel;
  readonly el = document.createElement("div");
  texts: Record<number, string> = { 1: "old\n", 2: "x = 0\n" };
  refusal = "";
  isSilent = false;

  constructor(traits: Record<string, unknown> = {}) {
    this.model = new FakeModel({
      kind: "code",
      title: "Fibonacci",
      text_key: "code",
      save_state: "saved",
      access: "RW_User",
      has_history: true,
      me: { id: "u", name: "Ada" },
      ...traits,
    });
    this.kernel = new FakeKernel(this.model, "x = 1\n");
    const toKernel = this.model.onSend;
    this.model.onSend = (sent) => {
      toKernel(sent);
      if (!this.isSilent) queueMicrotask(() => this.answer(sent));
    };
    document.body.append(this.el);
  }

  static async shown(traits: Record<string, unknown> = {}): Promise<ACell> {
    const cell = new ACell(traits);
    const widget = await initialize("code", { model: cell.model, signal: stop.signal });
    widget.render({ el: cell.el, signal: stop.signal });
    return cell;
  }

  answer({ content }: Sent): void {
    const { kind, peer: to, ask, number } = content;
    const values: Record<string, unknown> = {
      history: { versions: VERSIONS },
      version: { text: this.texts[Number(number)] },
      restore: null,
    };
    if (!(kind in values)) return;
    const answer = this.refusal ? { refusal: this.refusal } : { value: values[kind] };
    this.model.receive({ kind: "answer", to, ask, ...answer });
  }

  find<T extends Element = HTMLElement>(selector: string): T {
    const found = this.el.querySelector<T & HTMLElement>(selector);
    if (!found) throw new Error(`there is no ${selector}`);
    return found;
  }

  button(name: string): HTMLButtonElement {
    const found = [...this.el.querySelectorAll("button")].find((one) => one.textContent?.includes(name));
    if (!found) throw new Error(`there is no button ${name}`);
    return found;
  }

  get slider(): HTMLInputElement {
    return this.find<HTMLInputElement>("input[type=range]");
  }

  get words(): string {
    return this.find(".tnb-history-words").textContent ?? "";
  }

  get shown(): string {
    return this.find(".tnb-history-text .cm-content").textContent ?? "";
  }

  /** What the button opens is loaded when it is pressed for the first time. */
  async press(): Promise<void> {
    this.button("History").focus();
    this.button("History").click();
    await vi.waitFor(() => this.find(".tnb-history"));
  }

  async open(): Promise<void> {
    await this.press();
    await vi.waitFor(() => expect(this.words).toContain("present text"));
  }

  async slideTo(index: number): Promise<void> {
    this.slider.value = String(index);
    this.slider.dispatchEvent(new Event("input"));
    await vi.waitFor(() => expect(this.words).toContain("differs"));
  }
}

test("the history opens at the present text, with the slider at its end", async () => {
  const cell = await ACell.shown();

  await cell.open();

  expect(cell.button("History").getAttribute("aria-expanded")).toBe("true");
  expect([cell.slider.min, cell.slider.max, cell.slider.value]).toEqual(["0", "2", "2"]);
  expect(cell.slider.getAttribute("aria-valuetext")).toMatch(/^Now .*Ben$/);
  expect(document.activeElement).toBe(cell.slider);
  expect(cell.button("Restore").disabled).toBe(true);
  expect(cell.model.sentOf("version")).toEqual([]);
});

test("an older version is shown with its differences, and asked for once", async () => {
  const cell = await ACell.shown();
  await cell.open();

  await cell.slideTo(1);
  cell.button("Newer").click();
  await vi.waitFor(() => expect(cell.words).toContain("present text."));
  await cell.slideTo(1);

  expect(cell.find(".tnb-history-text .cm-changedText").textContent).toBe("0");
  expect(cell.find(".tnb-history-text .cm-deletedText, .tnb-history-text del").textContent).toContain("1");
  expect(cell.slider.getAttribute("aria-valuetext")).toMatch(/^Version 2 of 3: .*Ann$/);
  expect(cell.words).toBe("It differs from the present text in 1 place.");
  expect(cell.model.sentOf("version").map(({ content }) => content.number)).toEqual([2]);
});

test("the last version that the slider stands on wins", async () => {
  const cell = await ACell.shown();
  await cell.open();
  cell.isSilent = true;
  cell.slider.value = "1";
  cell.slider.dispatchEvent(new Event("input"));
  await vi.waitFor(() => expect(cell.model.sentOf("version")).toHaveLength(1));
  cell.slider.value = "0";
  cell.slider.dispatchEvent(new Event("input"));
  await vi.waitFor(() => expect(cell.model.sentOf("version")).toHaveLength(2));

  const [late, wanted] = cell.model.sentOf("version");
  if (wanted && late) {
    cell.answer(wanted);
    await vi.waitFor(() => expect(cell.shown).toContain("old"));
    cell.answer(late);
  }

  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setTimeout(resolve));
    expect(cell.shown).toContain("old");
  }
});

test("restoring asks the kernel, says so, and goes back to the present", async () => {
  const cell = await ACell.shown();
  await cell.open();
  await cell.slideTo(1);

  cell.button("Restore").click();
  await vi.waitFor(() => expect(cell.words).toContain("Restored."));

  expect(cell.model.sentOf("restore").map(({ content }) => content.number)).toEqual([2]);
  expect(cell.model.sentOf("history")).toHaveLength(2);
  expect(cell.slider.value).toBe("2");
});

test("an edit of somebody else changes the differences that are shown", async () => {
  const cell = await ACell.shown();
  await cell.open();
  await cell.slideTo(1);

  cell.kernel.edit(0, "y = 2\n");

  await vi.waitFor(() => expect(cell.find(".tnb-history-text").textContent).toContain("y = 2"));
});

test("whoever may only read has no history, and loses it with the right to write", async () => {
  const other = await ACell.shown({ has_history: false, access: "RO_User" });
  expect(other.button("History").hidden).toBe(true);
  const cell = await ACell.shown();
  await cell.open();

  cell.model.set("has_history", false);

  expect(cell.find(".tnb-history").hidden).toBe(true);
  expect(cell.button("History").hidden).toBe(true);
});

test("a teacher who may not write looks, and is told why there is no Restore", async () => {
  const cell = await ACell.shown({ access: "RO_User" });

  await cell.open();

  expect(cell.button("Restore").hidden).toBe(true);
  expect(cell.find(".tnb-history").dataset.readOnly).toBe("true");
  expect(cell.find(".tnb-history-note").textContent).toContain("only who may change");
});

test("a refusal is said in words and can be tried again", async () => {
  const cell = await ACell.shown();
  cell.refusal = "the hub cannot be reached";
  await cell.press();
  await vi.waitFor(() => expect(cell.words).toContain("the hub cannot be reached"));

  cell.refusal = "";
  cell.button("Try again").click();

  await vi.waitFor(() => expect(cell.words).toContain("present text"));
  expect(cell.button("Try again").hidden).toBe(true);
});

test("a busy kernel is named as what the history waits for", async () => {
  vi.useFakeTimers();
  const cell = await ACell.shown();
  const kernel = new FakeJupyterKernel("busy");
  cell.model.widget_manager = kernel.manager;
  cell.isSilent = true;

  await cell.press();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(cell.words).toContain("kernel is busy");

  kernel.become("idle");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(cell.words).toContain("does not answer");
});

test("a history that is loaded leaves the focus with whoever has gone on elsewhere", async () => {
  const cell = await ACell.shown();
  const elsewhere = document.createElement("input");
  document.body.append(elsewhere);

  const opened = cell.open();
  elsewhere.focus();
  await opened;

  expect(document.activeElement).toBe(elsewhere);
  elsewhere.remove();
});

test("Escape closes the history and gives the focus back", async () => {
  const cell = await ACell.shown();
  await cell.open();

  cell.slider.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));

  expect(cell.find(".tnb-history").hidden).toBe(true);
  expect(document.activeElement).toBe(cell.button("History"));
});

test("when the kernel has ended, the history says so", async () => {
  const cell = await ACell.shown();
  cell.isSilent = true;
  await cell.press();

  const said = vi.waitFor(() => expect(cell.words).toContain("run the cell again"));
  stop.abort();

  await said;
});

test("Escape closes the history, and leads no further; its buttons have names however narrow it is", async () => {
  const cell = await ACell.shown();
  await cell.open();
  const names = ["Older", "Newer"].map((name) => cell.button(name).getAttribute("aria-label"));
  const event = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });

  cell.slider.dispatchEvent(event);

  expect(names).toEqual(["Older", "Newer"]);
  expect(cell.find(".tnb-history").hidden).toBe(true);
  expect(event.defaultPrevented).toBe(true);
});

test("the text of a version is a document to read, with no more attributes of a field, whichever is shown", async () => {
  const cell = await ACell.shown();
  await cell.open();
  await cell.slideTo(1);

  const text = cell.find(".tnb-history-text .cm-content");

  expect(text.getAttribute("role")).toBe("document");
  expect(text.getAttribute("aria-label")).toContain("Ann");
  expect([text.hasAttribute("aria-multiline"), text.hasAttribute("aria-readonly")]).toEqual([false, false]);
});
