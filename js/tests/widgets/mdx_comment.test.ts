// Comments on a page: threads, replies, resolving, deleting with a question before, and what could not be sent.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { textIn } from "../../src/document/delta-text";
import type { ShownComment, ShownThread } from "../../src/widgets/mdx_comment/comments-session";
import { markIn } from "../../src/widgets/mdx_comment/mark";
import { FakeModel, type Sent } from "../fake-model";

const said = (id: string, text: string | null, isMine = false): ShownComment => ({
  id,
  text,
  markdown: "",
  isMine,
  name: isMine ? "Bob" : "Alice",
  at: `2026-11-30T08:00:0${id}.000Z`,
});

const thread = (id: string, comments: ShownComment[], more: Partial<ShownThread> = {}): ShownThread => ({
  id,
  kind: "",
  nr: 0,
  isResolved: false,
  resolvedBy: "",
  resolvedAt: "",
  comments,
  ...more,
});

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
  localStorage.clear();
});

afterEach(() => stop.abort());

/** A page with comments, and a kernel that answers what it is asked. */
class APage {
  readonly el = document.createElement("div");
  readonly model: FakeModel;
  threads = [thread("t", [said("1", "why?"), said("2", "because", true)])];
  refusal = "";
  /** How many are not shown, and open. */
  olderOpen = 0;

  constructor(traits: Record<string, unknown> = {}) {
    const me = { id: "bob", name: "Bob" };
    const state = { title: "Poem", save_state: "saved", access: "RW_User", may_begin: true, about: "d" };
    this.model = new FakeModel({ ...state, me, ...traits });
    this.model.onSend = ({ content }) => queueMicrotask(() => this.answer(content));
  }

  async show(): Promise<this> {
    const shown = await initialize("mdx_comment", { model: this.model, signal: stop.signal });
    document.body.append(this.el);
    shown.render({ el: this.el, signal: stop.signal });
    await vi.waitFor(() => expect(this.el.textContent).not.toContain("Asking the hub"));
    return this;
  }

  hear(threads: ShownThread[]): void {
    this.threads = threads;
    this.model.receive({ kind: "content_changed" });
  }

  get texts(): (string | undefined)[] {
    return [...this.el.querySelectorAll(".tnb-talk-text")].map(({ textContent }) => textContent?.trim());
  }

  get badges(): string {
    const shown = this.el.querySelectorAll(".tnb-badge, .tnb-talk-unread");
    return [...shown].map((one) => one.textContent?.trim()).join(", ");
  }

  field(label: string): HTMLTextAreaElement {
    return this.el.querySelector(`textarea[aria-label="${label}"]`) as HTMLTextAreaElement;
  }

  button(words: string): HTMLButtonElement {
    const found = [...this.el.querySelectorAll("button")].find(
      (one) => one.getAttribute("aria-label")?.startsWith(words) || one.textContent?.trim() === words,
    );
    return found as HTMLButtonElement;
  }

  write(label: string, text: string, options: KeyboardEventInit = {}): void {
    const field = this.field(label);
    field.value = text;
    field.dispatchEvent(new Event("input"));
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true, ...options }));
  }

  sent(kind: string): Record<string, unknown>[] {
    return this.model.sent.map(({ content }) => content).filter((content) => content.kind === kind);
  }

  private answer({ kind, peer, ask }: Sent["content"]): void {
    if (ask === undefined) return;
    const isAsked = kind === "comments";
    const { threads, olderOpen } = this;
    const open = olderOpen + threads.filter(({ isResolved }) => !isResolved).length;
    const value = isAsked ? { threads, left: olderOpen, open, isLoaded: true, problem: "" } : null;
    this.model.receive({ kind: "answer", to: peer, ask, value, refusal: isAsked ? "" : this.refusal });
  }
}

test("shows who has said what, and how many threads are open and new", async () => {
  const page = await new APage().show();

  expect(page.texts).toEqual(["why?", "because"]);
  const names = [...page.el.querySelectorAll("strong")].map(({ textContent }) => textContent);
  expect(names).toEqual(["Alice", "You"]);
  await vi.waitFor(() => expect(page.badges).toBe("1 open, 1 new"));
  page.field("New comment").dispatchEvent(new Event("focusin", { bubbles: true }));
  expect(page.badges).toBe("1 open");
});

test("sends a reply into its thread and a new comment into a new one", async () => {
  const page = await new APage().show();

  page.write("Reply to Alice", "line", { shiftKey: true });
  page.write("Reply to Alice", "I see");
  await vi.waitFor(() => expect(page.field("Reply to Alice").value).toBe(""));
  page.write("New comment", "and this?");
  await vi.waitFor(() => expect(page.field("New comment").value).toBe(""));

  expect(page.sent("add_comment").map(({ text, thread }) => [text, thread])).toEqual([
    ["I see", "t"],
    ["and this?", ""],
  ]);
});

test("keeps what could not be sent, with the reason", async () => {
  const page = await new APage().show();
  page.refusal = "sending this did not work: the hub cannot be reached.";

  page.write("New comment", "later");

  await vi.waitFor(() => expect(page.el.textContent).toContain("Sending this did not work"));
  expect(page.field("New comment").value).toBe("later");
});

test("asks before it deletes, keeps with Escape, and deletes one's own only", async () => {
  const page = await new APage().show();
  expect(page.el.querySelectorAll(".tnb-comments-remove")).toHaveLength(1);

  page.button("Delete the comment").click();
  expect(document.activeElement?.textContent?.trim()).toBe("Keep");
  const pressed = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
  document.activeElement?.dispatchEvent(pressed);
  expect(pressed.defaultPrevented).toBe(true);
  expect(page.sent("remove_comment")).toEqual([]);
  expect(document.activeElement?.getAttribute("aria-label")).toContain("Delete the comment");

  page.button("Delete the comment").click();
  page.button("Delete").click();
  await vi.waitFor(() => expect(page.sent("remove_comment").map(({ id }) => id)).toEqual(["2"]));
});

test("the focus goes on beside a comment that is deleted, and to a thread that is folded", async () => {
  const page = new APage();
  const comments = [said("1", "why?"), said("2", "so", true), said("3", "and", true)];
  page.threads = [thread("t", comments)];
  await page.show();
  const focused = () => document.activeElement?.closest("li, .tnb-talk-field")?.textContent ?? "";

  const last = page.el.querySelectorAll<HTMLElement>(".tnb-comments-remove")[1];
  last?.focus();
  last?.click();
  const sure = page.el.querySelector<HTMLElement>(".tnb-talk-keep + button");
  sure?.focus();
  sure?.click();
  expect(focused()).toContain("and");
  page.hear([thread("t", comments.slice(0, 2))]);
  await vi.waitFor(() => expect(page.texts).toHaveLength(2));
  expect(focused()).toContain("so");
  page.hear([thread("t", comments.slice(0, 1))]);
  await vi.waitFor(() => expect(page.texts).toHaveLength(1));
  expect(document.activeElement).toBe(page.field("Reply to Alice"));

  page.button("Resolve").focus();
  const mark = { isResolved: true, resolvedBy: "Tina Teacher", resolvedAt: "2026-11-30T09:00:00.000Z" };
  page.hear([thread("t", comments.slice(0, 1), mark)]);
  await vi.waitFor(() => expect(page.el.querySelector("summary")).not.toBeNull());
  expect(document.activeElement?.tagName).toBe("SUMMARY");
});

test("folds what is resolved, and opens it again", async () => {
  const page = await new APage().show();
  page.button("Resolve").click();
  await vi.waitFor(() => expect(page.sent("resolve_thread").map(({ on }) => on)).toEqual([true]));

  const at = "2026-11-30T09:00:00.000Z";
  page.hear([
    thread("t", [said("1", "why?")], { isResolved: true, resolvedBy: "Tina Teacher", resolvedAt: at }),
  ]);

  await vi.waitFor(() =>
    expect(page.el.querySelector("summary")?.textContent).toContain("Resolved by Tina Teacher"),
  );
  expect(page.el.querySelector("summary")?.textContent).toContain("why?");
  expect(page.field("Reply to Alice")).toBeNull();
  expect(page.badges).toBe("1 new");
  page.button("Open again").click();
  await vi.waitFor(() => expect(page.sent("resolve_thread").map(({ on }) => on)).toEqual([true, false]));
});

test("has no fields for readers, and none when the kernel has ended; what was said stays", async () => {
  const reader = await new APage({ access: "RO_User" }).show();
  expect(reader.el.querySelector("textarea, .tnb-comments-remove")).toBeNull();

  const page = await new APage().show();
  stop.abort();
  await vi.waitFor(() => expect(page.el.querySelector("textarea")).toBeNull());
  expect(page.texts).toEqual(["why?", "because"]);
  expect(page.el.textContent).toContain("Not connected");
});

test("shows comments of pages of the existing system, and what is no text", async () => {
  const page = new APage();
  page.threads = [thread("t", [said("1", null)], { kind: "p", nr: 3 }), thread("u", [])];
  await page.show();

  expect(page.el.textContent).toContain("On a page: element 3 of the kind “p”");
  expect(page.texts).toEqual(["Another program has said something here that is no text."]);
  expect(page.el.textContent).toContain("What was said here was deleted.");
});

test("has the front end draw what has formats", async () => {
  const page = new APage();
  const markdown = "**look** here\nand there";
  page.threads = [thread("t", [{ ...said("1", "look here\nand there"), markdown }, said("2", "*as* text")])];
  await page.show();

  // This page has no front end that draws Markdown.
  expect(page.texts).toEqual(["**look** here  \nand there", "*as* text"]);
  expect(page.el.querySelectorAll(".tnb-talk-text .tnb-drawn")).toHaveLength(1);
});

test("reads the text of a Delta as the kernel does", () => {
  const ops = [{ insert: "a", attributes: { bold: true } }, { insert: { image: "x.png" } }, { insert: "\n" }];

  expect(textIn({ delta: { ops } })).toBe("a[image]");
  for (const odd of [null, 7, {}, { delta: { ops: 1 } }, { delta: { ops: [{ insert: 1 }] } }])
    expect(textIn(odd)).toBeNull();
  expect([markIn({ resolved: false }), markIn({ resolved: 1 }), markIn(null)]).toEqual([false, null, null]);
});

test("a thread that has just begun is there with its first comment, and not as one in which all was deleted", async () => {
  const page = await new APage().show();
  const [before] = page.threads as [ShownThread];

  page.hear([{ ...before, comments: [] }, thread("new", [])]);
  await vi.waitFor(() => expect(page.el.textContent).toContain("What was said here was deleted."));
  expect(page.el.querySelectorAll(".tnb-comments-thread")).toHaveLength(1);
  page.hear([before, thread("new", [said("3", "and now?")])]);

  await vi.waitFor(() => expect(page.texts).toEqual(["why?", "because", "and now?"]));
});

test("counts the threads that are open, also those that are not shown", async () => {
  const page = new APage();
  page.olderOpen = 20;
  await page.show();

  expect(page.badges).toContain("21 open");
  expect(page.el.textContent).toContain("20 older threads are not shown.");
});
