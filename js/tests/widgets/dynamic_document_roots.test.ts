// Chat rooms on a page: which there are, what is new in them, the chat of one, and the form of a teacher.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import type { GroupChoice, Room } from "../../src/widgets/dynamic_document_roots/rooms-session";
import { FakeModel, type Sent } from "../fake-model";

const at = (second: number) => `2026-11-30T08:00:0${second}.000Z`;
const room = (id: string, name: string, ...news: number[]): Room => ({
  id,
  name,
  mayWrite: true,
  news: news.map(at),
});
const said = (second: number, text: string, isMine = false) => ({
  id: `m${second}`,
  text,
  isMine,
  name: isMine ? "Bob" : "Alice",
  at: at(second),
});
const CLASS: GroupChoice = {
  id: "class",
  name: "classA",
  takesPart: false,
  people: [
    { id: "alice", name: "Alice Adams", takesPart: false },
    { id: "bob", name: "Bob Brown", takesPart: true },
  ],
};

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
  localStorage.clear();
});

afterEach(() => stop.abort());

/** A page with chat rooms, and a kernel that answers what it is asked. */
class APage {
  readonly el = document.createElement("div");
  readonly model: FakeModel;
  isLoaded = true;
  isForEverybody = false;
  held: Sent["content"][] | null = null;
  refusal = "";
  said: Record<string, ReturnType<typeof said>[]> = {};

  constructor(
    public rooms: Room[],
    traits: Record<string, unknown> = {},
  ) {
    const me = { id: "bob", name: "Bob" };
    // As a student has it: the list is for reading.
    const read = { title: "Rooms", save_state: "saved", access: "RO_DocumentRoot", is_staff: false };
    this.model = new FakeModel({ ...read, me, ...traits });
    this.model.onSend = ({ content }) => {
      if (this.held && content.kind === "rooms") this.held.push(content);
      else queueMicrotask(() => this.answer(content));
    };
  }

  /** Have the kernel answer what it was asked for rooms since they are held. */
  release(): void {
    for (const content of this.held ?? []) this.answer(content);
    this.held = null;
  }

  async show(): Promise<this> {
    const shown = await initialize("dynamic_document_roots", { model: this.model, signal: stop.signal });
    document.body.append(this.el);
    shown.render({ el: this.el, signal: stop.signal });
    await vi.waitFor(() => expect(this.names).toHaveLength(this.rooms.length));
    return this;
  }

  hear(): void {
    this.model.receive({ kind: "content_changed" });
  }

  get names(): string[] {
    return [...this.el.querySelectorAll("nav button")].map((each) => this.textOf(each));
  }

  get shown(): string {
    return this.el.querySelector("[aria-current]")?.querySelector("span")?.textContent ?? "";
  }

  get texts(): string[] {
    return [...this.el.querySelectorAll(".tnb-talk-text")].map((each) => this.textOf(each));
  }

  get words(): string {
    return this.textOf(this.el);
  }

  get field(): HTMLTextAreaElement {
    return this.el.querySelector("textarea") as HTMLTextAreaElement;
  }

  get unread(): string {
    return this.textOf(this.el.querySelector(".tnb-head .tnb-talk-unread"));
  }

  button(words: string): HTMLButtonElement {
    const all = [...this.el.querySelectorAll("button")];
    const found = all.find((each) => [this.textOf(each), each.getAttribute("aria-label")].includes(words));
    return found as HTMLButtonElement;
  }

  async choose(name: string): Promise<void> {
    this.button(this.names.find((each) => each.startsWith(name)) ?? "").click();
    const { id = "" } = this.rooms.find((each) => each.name === name) ?? {};
    await vi.waitFor(() => expect(this.texts).toHaveLength(this.said[id]?.length ?? 0));
  }

  box(name: string): HTMLInputElement {
    const labels = [...this.el.querySelectorAll("form label")];
    return labels.find((each) => this.textOf(each) === name)?.querySelector("input") as HTMLInputElement;
  }

  async submit(): Promise<Sent["content"] | undefined> {
    // happy-dom does not submit by a click on a button without a type.
    this.el.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { cancelable: true }));
    await vi.waitFor(() => expect(this.model.sentOf("change_room")).not.toEqual([]));
    return this.model.sentOf("change_room").at(-1)?.content;
  }

  private textOf(element: Element | null): string {
    return element?.textContent?.replace(/\s+/g, " ").trim() ?? "";
  }

  private answer({ kind, peer, ask, room: asked = "" }: Sent["content"]): void {
    if (ask === undefined) return;
    const messages = this.said[asked as string] ?? [];
    const talk = { messages, left: 0, problem: "", room: asked };
    const values: Record<string, unknown> = {
      rooms: { ...talk, rooms: this.rooms, isLoaded: this.isLoaded },
      room_people: { groups: [CLASS], isForEverybody: this.isForEverybody },
      change_room: { room: asked || "new" },
    };
    const refusal = kind === "rooms" || kind === "room_people" ? "" : this.refusal;
    this.model.receive({ kind: "answer", to: peer, ask, value: values[kind as string] ?? null, refusal });
  }
}

test("lists the rooms with what is new, and shows the chat of the one that is chosen", async () => {
  const page = new APage([room("a", "One", 1, 2), room("b", "Two"), room("c", "Three", 3)]);
  page.said = { a: [said(1, "anybody?"), said(2, "hello?")], c: [said(3, "hi")] };
  await page.show();
  expect(page.names).toEqual(["One 2 new", "Two", "Three 1 new"]);
  expect(page.unread).toBe("3 new");
  expect(page.words).toContain("Choose a chat room.");

  await page.choose("One");

  expect([page.shown, page.texts]).toEqual(["One", ["anybody?", "hello?"]]);
  expect(page.el.querySelector('[role="log"]')?.getAttribute("aria-label")).toBe("One");
  expect(page.el.querySelector(".tnb-chat-new")?.nextElementSibling?.textContent).toContain("anybody?");
  page.field.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  expect(page.names).toEqual(["One", "Two", "Three 1 new"]);
  expect(page.unread).toBe("1 new");
  // As one is told on the next page.
  const other = await new APage(page.rooms).show();
  expect(other.names).toEqual(["One", "Two", "Three 1 new"]);
});

test("the only room is shown at once, and looking at the list reads nothing", async () => {
  const page = new APage([room("a", "One", 1)]);
  page.said = { a: [said(1, "anybody?")] };
  await page.show();
  await vi.waitFor(() => expect(page.texts).toEqual(["anybody?"]));

  page.button("One 1 new").dispatchEvent(new FocusEvent("focusin", { bubbles: true }));

  expect(page.unread).toBe("1 new");
});

test("each room has a draft of its own, and what is sent goes to the one that is shown", async () => {
  const page = await new APage([room("a", "One"), room("b", "Two")]).show();
  const write = (text: string) => {
    page.field.value = text;
    page.field.dispatchEvent(new Event("input"));
  };
  await page.choose("One");
  write("for one");
  await page.choose("Two");
  expect(page.field.value).toBe("");
  write("for two");
  await page.choose("One");
  expect(page.field.value).toBe("for one");

  page.field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));

  expect(page.model.sentOf("say").map(({ content }) => content)).toMatchObject([
    { room: "a", text: "for one" },
  ]);
  await vi.waitFor(() => expect(page.field.value).toBe(""));
  await page.choose("Two");
  expect(page.field.value).toBe("for two");
});

test("a room that may only be read has no field to write in, and students no buttons of teachers", async () => {
  const page = await new APage([{ ...room("a", "One"), mayWrite: false }]).show();
  await vi.waitFor(() => expect(page.shown).toBe("One"));

  expect(page.field.disabled).toBe(true);
  for (const words of ["New chat room", "Change “One”", "Close “One”"])
    expect(page.button(words)).toBeUndefined();
});

test("a room that goes is told by its name, and another that comes is not opened in its place", async () => {
  const page = await new APage([room("a", "One"), room("b", "Two")]).show();
  await page.choose("One");
  page.field.value = "not yet sent";
  page.field.dispatchEvent(new Event("input"));

  page.rooms = [room("b", "Two")];
  page.hear();

  await vi.waitFor(() => expect(page.words).toContain("“One” was closed, or you take part there no more."));
  expect([page.shown, page.field]).toEqual(["", null]);
  expect(page.words).toContain("What you were writing there was not sent:not yet sent");
  await page.choose("Two");
  expect(page.words).not.toContain("was closed");
});

test("says that there is nothing, that it is asked, or what a teacher can do", async () => {
  const none = await new APage([]).show();
  await vi.waitFor(() => expect(none.words).toContain("You take part in no chat room yet."));
  const asked = new APage([]);
  asked.isLoaded = false;
  await asked.show();
  expect(asked.words).toContain("Asking the hub …");
  const staff = await new APage([], { is_staff: true }).show();
  await vi.waitFor(() => expect(staff.words).toContain("There is no chat room yet.New chat room"));
});

test("a teacher makes a room for people, groups or everybody, and it is shown", async () => {
  const page = await new APage([room("a", "One"), room("b", "Two")], { is_staff: true }).show();
  page.button("New chat room").click();
  await vi.waitFor(() => expect(page.box("All of classA")).toBeDefined());
  const name = page.el.querySelector<HTMLInputElement>("[name=name]");
  expect([name?.value, page.box("Bob Brown").checked, document.activeElement]).toEqual(["", true, name]);
  if (name) name.value = "Group 1";
  page.box("Alice Adams").checked = true;
  // What others say meanwhile leaves alone what is being filled in.
  page.hear();
  await vi.waitFor(() => expect(page.model.sentOf("rooms")).toHaveLength(2));
  page.rooms = [...page.rooms, room("new", "Group 1")];

  const asked = await page.submit();

  expect(asked).toMatchObject({
    room: "",
    name: "Group 1",
    everybody: false,
    groups: [],
    people: ["alice", "bob"],
  });
  await vi.waitFor(() => expect(page.shown).toBe("Group 1"));
  expect(page.el.querySelector("form")).toBeNull();
});

test("for everybody, nobody is named; what is refused stays in the form, with the reason", async () => {
  const page = await new APage([], { is_staff: true }).show();
  page.button("New chat room").click();
  await vi.waitFor(() => expect(page.box("Everybody who comes here")).toBeDefined());
  page.box("Everybody who comes here").checked = true;
  page.box("All of classA").checked = true;
  page.refusal = "making “” did not work: a chat room needs a name.";

  expect(await page.submit()).toMatchObject({ everybody: true, groups: [], people: [] });

  await vi.waitFor(() => expect(page.words).toContain("Making “” did not work: a chat room needs a name."));
  expect(page.box("Everybody who comes here").checked).toBe(true);
  page.button("Cancel").click();
  expect(page.el.querySelector("form")).toBeNull();
  expect(document.activeElement).toBe(page.button("New chat room"));
});

test("Escape gives up the form, wherever in it the focus is, but not while something is composed", async () => {
  const page = await new APage([], { is_staff: true }).show();
  page.button("New chat room").click();
  await vi.waitFor(() => expect(page.box("All of classA")).toBeDefined());
  const name = page.el.querySelector<HTMLInputElement>("[name=name]") as HTMLInputElement;
  const press = (at: HTMLElement, options: KeyboardEventInit) =>
    at.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...options }));

  press(name, { key: "Escape", isComposing: true });
  press(name, { key: "x" });
  expect(page.el.querySelector("form")).not.toBeNull();
  page.box("All of classA").focus();
  expect(press(page.box("All of classA"), { key: "Escape" })).toBe(false);

  expect(page.el.querySelector("form")).toBeNull();
  expect(document.activeElement).toBe(page.button("New chat room"));
});

test("a teacher changes what a room is called and who takes part", async () => {
  const page = await new APage([room("a", "One"), room("b", "Two")], { is_staff: true }).show();
  await page.choose("One");
  page.button("Change “One”").click();
  await vi.waitFor(() => expect(page.box("Bob Brown")).toBeDefined());
  expect(page.box("Everybody who comes here")).toBeUndefined();
  page.box("Bob Brown").checked = false;
  page.box("All of classA").checked = true;

  expect(await page.submit()).toMatchObject({ room: "a", name: "One", groups: ["class"], people: [] });
  expect(page.model.sentOf("room_people").map(({ content }) => content)).toMatchObject([{ room: "a" }]);

  page.isForEverybody = true;
  await vi.waitFor(() => expect(page.button("Change “One”")).toBeDefined());
  page.button("Change “One”").click();
  await vi.waitFor(() => expect(page.words).toContain("Everybody takes part who comes here."));
});

test("closing a room is asked twice, and says nothing of a room that has gone", async () => {
  const page = await new APage([room("a", "One"), room("b", "Two")], { is_staff: true }).show();
  await page.choose("One");

  page.button("Close “One”").click();
  expect(page.words).toContain("Close “One” and delete what was said there?");
  expect(document.activeElement).toBe(page.button("Keep"));
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect(document.activeElement).toBe(page.button("Close “One”"));
  expect(page.model.sentOf("close_room")).toEqual([]);
  page.button("Close “One”").click();
  page.rooms = [room("b", "Two")];
  page.button("Close").click();
  page.hear();

  expect(page.model.sentOf("close_room").map(({ content }) => content)).toMatchObject([{ room: "a" }]);
  await vi.waitFor(() => expect([page.names, page.shown]).toEqual([["Two"], "Two"]));
  expect(page.words).not.toContain("was closed");
});

test("the focus goes on in the list when a room closes, here or elsewhere, and no answer takes it back", async () => {
  const page = await new APage([room("a", "One"), room("b", "Two"), room("c", "Three")], {
    is_staff: true,
  }).show();
  await page.choose("One");
  page.button("Close “One”").click();
  page.rooms = page.rooms.slice(1);
  page.button("Close").focus();
  page.button("Close").click();
  await vi.waitFor(() => expect(page.names).toEqual(["Two", "Three"]));
  expect(document.activeElement).toBe(page.button("Two"));

  page.button("Three").focus();
  page.rooms = page.rooms.slice(0, 1);
  page.hear();
  await vi.waitFor(() => expect(page.names).toEqual(["Two"]));
  expect(document.activeElement).toBe(page.button("Two"));

  page.button("New chat room").click();
  expect(document.activeElement?.getAttribute("name")).toBe("name");
  const elsewhere = document.createElement("input");
  document.body.append(elsewhere);
  const submitted = page.submit();
  elsewhere.focus();
  page.rooms = [...page.rooms, room("new", "Group 1")];
  await submitted;
  await vi.waitFor(() => expect(page.shown).toBe("Group 1"));
  expect(document.activeElement).toBe(elsewhere);
  elsewhere.remove();
});

test("whoever begins another room before the one they have made is shown stays in its form", async () => {
  const page = await new APage([room("a", "One"), room("b", "Two")], { is_staff: true }).show();
  page.button("New chat room").click();
  const made = async () => {
    page.held = [];
    const before = page.model.sentOf("change_room").length;
    await page.submit();
    await vi.waitFor(() => expect(page.model.sentOf("change_room").length).toBeGreaterThan(before));
    await vi.waitFor(() => expect(page.el.querySelector("form")).toBeNull());
    page.rooms = [room("new", "Group 1"), room("a", "One"), room("b", "Two")];
  };

  await made();
  page.button("New chat room").click();
  page.release();
  await vi.waitFor(() => expect(page.names).toHaveLength(3));
  await new Promise((resolve) => setTimeout(resolve));
  expect(document.activeElement?.getAttribute("name")).toBe("name");

  await made();
  page.release();
  await vi.waitFor(() => expect(document.activeElement).toBe(page.button("Group 1")));
});

test("without a kernel the last state stays, and nothing can be done with it", async () => {
  const page = new APage([room("a", "One"), room("b", "Two")], { is_staff: true });
  page.said = { a: [said(1, "mine", true)] };
  await page.show();
  await page.choose("One");

  stop.abort();

  expect(page.texts).toEqual(["mine"]);
  const controls = page.el.querySelectorAll(".tnb-chat-rooms-parts :is(button, textarea)");
  expect([...controls].filter((each) => !each.matches(":disabled"))).toEqual([]);
  expect(controls.length).toBeGreaterThan(5);
});
