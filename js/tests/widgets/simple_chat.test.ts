// A chat on a page: what was said, what is new, and what could not be sent.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { FakeModel, type Sent } from "../fake-model";

const said = (id: string, text: string | null, isMine = false) => ({
  id,
  text,
  isMine,
  name: isMine ? "Bob" : "Alice",
  at: `2026-11-30T08:00:0${id}.000Z`,
});

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
  localStorage.clear();
});

afterEach(() => stop.abort());

/** A page with a chat, and a kernel that answers what it is asked. */
class APage {
  readonly el = document.createElement("div");
  readonly model: FakeModel;
  messages = [said("1", "anybody there?"), said("2", "yes", true)];
  left = 0;
  refusal = "";

  constructor(traits: Record<string, unknown> = {}) {
    const mark = { document: "chat", course: "c" };
    const me = { id: "bob", name: "Bob" };
    this.model = new FakeModel({
      title: "Questions",
      save_state: "saved",
      access: "RW_User",
      me,
      mark,
      ...traits,
    });
    this.model.onSend = ({ content }) => queueMicrotask(() => this.answer(content));
  }

  async show(): Promise<this> {
    const shown = await initialize("simple_chat", { model: this.model, signal: stop.signal });
    document.body.append(this.el);
    shown.render({ el: this.el, signal: stop.signal });
    await vi.waitFor(() => expect(this.texts).toHaveLength(this.messages.length));
    return this;
  }

  hear(...messages: ReturnType<typeof said>[]): void {
    this.messages = [...this.messages, ...messages];
    this.model.receive({ kind: "content_changed" });
  }

  get texts(): (string | undefined)[] {
    return [...this.el.querySelectorAll(".tnb-talk-text")].map(({ textContent }) => textContent?.trim());
  }

  get unread(): string {
    return this.el.querySelector(".tnb-talk-unread")?.textContent?.trim() ?? "";
  }

  get field(): HTMLTextAreaElement {
    return this.el.querySelector("textarea") as HTMLTextAreaElement;
  }

  type(text: string, key = "Enter", options: KeyboardEventInit = {}): void {
    this.field.value = text;
    this.field.dispatchEvent(new Event("input"));
    this.field.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, ...options }));
  }

  private answer({ kind, peer, ask }: Sent["content"]): void {
    if (ask === undefined) return;
    const value = kind === "messages" ? { messages: this.messages, left: this.left, problem: "" } : null;
    this.model.receive({
      kind: "answer",
      to: peer,
      ask,
      value,
      refusal: kind === "messages" ? "" : this.refusal,
    });
  }
}

test("shows messages in their order, with authors, and lets their own be deleted", async () => {
  const page = new APage();
  page.left = 3;
  await page.show();

  expect(page.texts).toEqual(["anybody there?", "yes"]);
  expect([...page.el.querySelectorAll("strong")].map(({ textContent }) => textContent)).toEqual([
    "Alice",
    "You",
  ]);
  expect(page.el.textContent).toContain("3 older messages are not shown.");
  const remove = page.el.querySelectorAll<HTMLButtonElement>('[aria-label^="Delete the message"]');
  expect(remove).toHaveLength(1);
  remove[0]?.click();
  expect(page.model.sentOf("unsay")[0]?.content).toMatchObject({ id: "2" });
});

test("the focus goes to the next own message when one is deleted, at last into the field", async () => {
  const page = new APage();
  page.messages = [said("1", "a", true), said("2", "b"), said("3", "c", true), said("4", "d")];
  await page.show();
  const buttons = () => [
    ...page.el.querySelectorAll<HTMLButtonElement>('[aria-label^="Delete the message"]'),
  ];
  const remove = async (id: string) => {
    (document.activeElement as HTMLElement).click();
    expect(page.model.sentOf("unsay").at(-1)?.content).toMatchObject({ id });
    page.messages = page.messages.filter((message) => message.id !== id);
    page.hear();
    await vi.waitFor(() => expect(page.texts).toHaveLength(page.messages.length));
  };

  buttons()[0]?.focus();
  await remove("1");
  expect(document.activeElement).toBe(buttons()[0]);
  await remove("3");
  expect(document.activeElement).toBe(page.field);
});

test("marks what is new until somebody is there, also for the next page", async () => {
  const page = await new APage().show();
  expect(page.unread).toBe("1 new");
  page.field.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  expect(page.unread).toBe("");

  page.hear(said("3", "still?"), said("4", "hello"), said("5", "mine", true));
  await vi.waitFor(() => expect(page.unread).toBe("2 new"));
  expect(page.el.querySelector(".tnb-chat-new")?.nextElementSibling?.textContent).toContain("still?");
  const other = new APage();
  other.messages = page.messages;
  await other.show();
  expect(other.unread).toBe("2 new");
  // Somebody who has been there all the time writes.
  other.type("here", "e");
  expect(other.unread).toBe("");
});

test("Enter sends and empties the field, Shift+Enter does not", async () => {
  const page = await new APage().show();
  page.type("one\ntwo", "Enter", { shiftKey: true });
  expect(page.model.sentOf("say")).toEqual([]);

  page.type("one\ntwo");

  expect(page.model.sentOf("say")[0]?.content).toMatchObject({ text: "one\ntwo" });
  await vi.waitFor(() => expect(page.field.value).toBe(""));
});

test("what could not be sent stays in the field, with the reason", async () => {
  const page = await new APage().show();
  page.refusal = "sending this did not work: the hub cannot be reached.";

  page.type("hello");

  await vi.waitFor(() =>
    expect(page.el.querySelector(".tnb-problem")?.textContent).toContain("Sending this did not work"),
  );
  expect(page.field.value).toBe("hello");
  page.refusal = "";
  page.type("hello");
  await vi.waitFor(() => expect(page.field.value).toBe(""));
});

test("blanks are not sent, and a reader has no field to write in", async () => {
  const page = await new APage({ access: "RO_User" }).show();
  expect(page.field.disabled).toBe(true);

  page.type("   ");

  expect(page.model.sentOf("say")).toEqual([]);
});

test("what is no text is said so, and markup stays text", async () => {
  const page = new APage();
  page.messages = [said("1", null), said("2", "<b>bold</b>")];
  await page.show();

  expect(page.texts).toEqual(["Another program has said something here that is no text.", "<b>bold</b>"]);
});

test("keeps what is too long, whole and with the reason, until it was made shorter", async () => {
  const page = await new APage().show();
  page.refusal = "a message has at most 10000 characters, not 10008";
  const field = page.el.querySelector("textarea") as HTMLTextAreaElement;
  const text = `${"x".repeat(10_005)}END`;
  // A browser cuts what is pasted where a field has a limit, without a word.
  expect(field.maxLength).toBe(-1);

  field.value = text;
  field.dispatchEvent(new Event("input"));
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));

  await vi.waitFor(() =>
    expect(page.el.querySelector(".tnb-problem")?.textContent).toContain("at most 10000"),
  );
  expect(page.el.querySelector("textarea")?.value).toBe(text);
  expect(page.model.sentOf("say").map(({ content }) => content.text)).toEqual([text]);
});
