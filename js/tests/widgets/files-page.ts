// A page with a file tree, and a kernel of the test's.
import { initialize } from "../../src";
import type { Entry } from "../../src/widgets/dir/entries";
import { FakeModel, type Sent } from "../fake-model";

export function entry(id: string, kind: Entry["kind"], more: Partial<Entry> = {}): Entry {
  return { id, kind, name: id, parent: "", is_open: true, contents: 1, oddity: "", author: "", ...more };
}

export const ENTRIES = [
  entry("src", "dir"),
  entry("deep", "dir", { parent: "src", is_open: false }),
  entry("x.py", "file", { parent: "deep" }),
  entry("main.py", "file", { parent: "src" }),
  entry("notes.txt", "file"),
];

/** A page with a tree, and a kernel that answers what it is asked. */
export class APage {
  /** Aborts when the kernel ends. */
  readonly life = new AbortController();
  readonly el = document.createElement("div");
  readonly model: FakeModel;
  refusal = "";
  /** Whether the kernel answers when the test says so: `answerNow`. */
  isSlow = false;
  private readonly waiting: (() => void)[] = [];
  answers: Record<string, unknown> = {};
  readonly asked: Record<string, unknown>[] = [];

  constructor(traits: Record<string, unknown> = {}) {
    this.model = new FakeModel({
      title: "Project",
      save_state: "saved",
      access: "RW_User",
      folder: "/home/alice",
      entries: ENTRIES,
      opened: [],
      ...traits,
    });
    this.model.onSend = ({ content }) => {
      if (this.isSlow) this.waiting.push(() => this.answer(content));
      else queueMicrotask(() => this.answer(content));
    };
  }

  async show(): Promise<this> {
    const shown = await initialize("dir", { model: this.model, signal: this.life.signal });
    document.body.append(this.el);
    shown.render({ el: this.el, signal: new AbortController().signal });
    await this.settled();
    return this;
  }

  get rows(): string[] {
    return [...this.el.querySelectorAll("[role=treeitem]")].map(
      (row) => `${row.getAttribute("aria-level")} ${row.textContent?.replace(/\s+/g, " ").trim()}`,
    );
  }

  get focused(): string {
    const { activeElement } = document;
    return (
      activeElement?.getAttribute("data-entry") ??
      activeElement?.getAttribute("aria-label") ??
      activeElement?.textContent ??
      ""
    );
  }

  get problem(): string {
    return this.el.querySelector(".tnb-problem")?.textContent?.trim() ?? "";
  }

  get panel(): string {
    return this.el.querySelector("[role=alertdialog]")?.getAttribute("aria-label") ?? "";
  }

  row(id: string): HTMLElement {
    return this.el.querySelector(`[data-entry="${id}"]`) as HTMLElement;
  }

  button(words: string): HTMLButtonElement {
    return [...this.el.querySelectorAll("button")].find(
      ({ textContent }) => textContent === words,
    ) as HTMLButtonElement;
  }

  get input(): HTMLInputElement {
    return this.el.querySelector("[role=treeitem] input") as HTMLInputElement;
  }

  get select(): HTMLSelectElement {
    return this.el.querySelector("select") as HTMLSelectElement;
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) {
      document.activeElement?.dispatchEvent(
        new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
      );
      await this.settled();
    }
  }

  async click(element: HTMLElement): Promise<void> {
    element.click();
    await this.settled();
  }

  async name(text: string): Promise<void> {
    this.input.value = text;
    this.input.dispatchEvent(new Event("input"));
    await this.press("Enter");
  }

  async answerNow(): Promise<void> {
    for (const answer of this.waiting.splice(0)) answer();
    await this.settled();
  }

  async tell(entries: Entry[]): Promise<void> {
    this.model.set("entries", entries);
    await this.settled();
  }

  async settled(): Promise<void> {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }

  private answer({ kind, peer, ask, ...content }: Sent["content"]): void {
    if (ask === undefined) return;
    this.asked.push({ kind, ...content });
    this.model.receive({
      kind: "answer",
      to: peer,
      ask,
      value: this.answers[kind] ?? null,
      refusal: this.refusal,
    });
  }
}
