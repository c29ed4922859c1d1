// What is withheld until a teacher opens it, on a page.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { FakeModel, type Sent } from "../fake-model";

const OPENINGS = {
  isOpenToAll: false,
  groups: [
    { id: "a", name: "Class A", said: "", people: [{ id: "1", name: "Alice", said: "", sees: false }] },
  ],
};

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
});

afterEach(() => stop.abort());

/** A page with the widget, and a kernel that answers what it is asked. */
class APage {
  readonly el = document.createElement("div");
  readonly model: FakeModel;
  /** Why the kernel takes nothing; empty when it does. */
  refusal = "";
  readonly answers: Record<string, unknown> = {
    content: { text: "forty-two", misfits: [] },
    openings: OPENINGS,
    open_to: { ...OPENINGS, groups: [{ ...OPENINGS.groups[0], said: "open" }] },
    assign: null,
  };

  constructor(traits: Record<string, unknown> = {}) {
    this.model = new FakeModel({
      title: "Solution 7",
      save_state: "saved",
      access: "RW_User",
      is_open: true,
      is_staff: true,
      ...traits,
    });
    this.model.onSend = ({ content }) => queueMicrotask(() => this.answer(content));
  }

  async show(type = "solution"): Promise<this> {
    const shown = await initialize(type, { model: this.model, signal: stop.signal });
    document.body.append(this.el);
    shown.render({ el: this.el, signal: stop.signal });
    return this;
  }

  get area(): HTMLTextAreaElement {
    return this.el.querySelector("textarea") as HTMLTextAreaElement;
  }

  /** Type, as a browser tells of it: the whole text is another one now. */
  type(text: string, caret = text.length): void {
    this.area.value = text;
    this.area.setSelectionRange(caret, caret);
    this.area.dispatchEvent(new Event("input"));
  }

  /** Somebody else has written. */
  hear(text: string): void {
    this.answers.content = { text, misfits: [] };
    this.model.receive({ kind: "content_changed" });
  }

  /** What was assigned, with what it was made of. */
  get assigned(): unknown[][] {
    return this.model.sentOf("assign").map(({ content: { value, base } }) => [value, base]);
  }

  private answer({ kind, peer, ask }: Sent["content"]): void {
    if (ask === undefined) return;
    const refusal = kind === "assign" ? this.refusal : "";
    this.model.receive({ kind: "answer", to: peer, ask, value: this.answers[String(kind)], refusal });
  }
}

const student = { is_staff: false, access: "RO_StudentGroup" };

test("says that it is not open, and shows what comes when it is opened", async () => {
  const page = await new APage({ ...student, is_open: false }).show();
  page.answers.content = { text: "", misfits: [] };
  expect(page.el.textContent).toContain("not open yet");

  page.answers.content = { text: "forty-two", misfits: [] };
  page.model.set("is_open", true);
  page.model.receive({ kind: "content_changed" });

  await vi.waitFor(() => expect(page.el.querySelector("pre")?.textContent).toBe("forty-two"));
  expect(page.el.querySelector("textarea, select, input")).toBeNull();
  expect(page.model.sentOf("openings")).toEqual([]);
});

test.each(["solution", "restricted", "cms_text"])(
  "a %s that the hub never has is not promised to whoever reads or writes it",
  async (type) => {
    const save_detail = "the school's backend cannot withhold a document: use a hub of teaching_nb for this";
    for (const traits of [student, {}]) {
      const page = await new APage({ ...traits, is_open: false, save_state: "refused", save_detail }).show(
        type,
      );

      const words = page.el.textContent?.replace(/\s+/g, " ") ?? "";
      expect(words).not.toMatch(/not open yet|appears here|for you here yet/);
      expect(words.split("cannot withhold a document")).toHaveLength(2);
      expect(words).toContain("use a hub of teaching_nb");
      expect(words).toContain("Not available");
    }
  },
);

test("asks nobody to whom feedback is open, for it is one student's", async () => {
  const staff = await new APage().show("cms_text");
  await vi.waitFor(() => expect(staff.area.value).toBe("forty-two"));
  const mine = await new APage({ ...student, is_open: false }).show("cms_text");

  expect(staff.model.sentOf("openings")).toEqual([]);
  expect(staff.el.querySelector("fieldset")).toBeNull();
  expect(mine.el.textContent).toContain("Nothing has been written for you here yet.");
});

test("takes it away again when it is closed", async () => {
  const page = await new APage(student).show();
  await vi.waitFor(() => expect(page.el.textContent).toContain("forty-two"));

  page.answers.content = { text: "", misfits: [] };
  page.model.set("is_open", false);
  page.model.receive({ kind: "content_changed" });

  await vi.waitFor(() => expect(page.el.textContent).not.toContain("forty-two"));
  expect(page.el.textContent).toContain("not open yet");
});

test("lets a teacher write, and keeps what is being typed", async () => {
  const page = await new APage().show();
  await vi.waitFor(() => expect(page.area.value).toBe("forty-two"));
  page.answers.assign = undefined;
  page.model.onSend = () => {};

  page.area.value = "forty-three";
  page.area.dispatchEvent(new Event("input"));
  page.model.receive({ kind: "content_changed" });

  expect(page.model.sentOf("assign")[0]?.content).toMatchObject({ key: "text", value: "forty-three" });
  expect(page.area.value).toBe("forty-three");
});

test("goes on with what others write meanwhile, at the same place", async () => {
  const page = await new APage().show();
  await vi.waitFor(() => expect(page.area.value).toBe("forty-two"));

  page.type("forty-two, and", 9);
  page.hear("Is it forty-two, and");
  await vi.waitFor(() => expect(page.area.value).toBe("Is it forty-two, and"));
  expect([page.area.selectionStart, page.area.selectionEnd]).toEqual([15, 15]);
  page.type("Is it forty-two, and three");

  expect(page.assigned).toEqual([
    ["forty-two, and", "forty-two"],
    ["Is it forty-two, and three", "Is it forty-two, and"],
  ]);
});

test("makes of what the kernel has, also after it has refused something", async () => {
  const page = await new APage().show();
  await vi.waitFor(() => expect(page.area.value).toBe("forty-two"));

  page.refusal = "no";
  page.type("forty-two!");
  await vi.waitFor(() => expect(page.model.sentOf("content")).toHaveLength(2));
  await vi.waitFor(() => expect(page.el.querySelector(".tnb-problem")?.textContent).toContain("no"));
  expect(page.area.value).toBe("forty-two!");
  page.refusal = "";
  page.type("forty-two!?");

  expect(page.assigned[1]).toEqual(["forty-two!?", "forty-two"]);
});

test("leaves the text alone while an input method is at work", async () => {
  const page = await new APage().show();
  await vi.waitFor(() => expect(page.area.value).toBe("forty-two"));
  const asked = page.model.sentOf("content").length;

  page.area.dispatchEvent(new Event("compositionstart"));
  page.hear("Is it forty-two");
  await vi.waitFor(() => expect(page.model.sentOf("content")).toHaveLength(asked + 1));
  // The answer is dealt with by then.
  await new Promise((resolve) => setTimeout(resolve));
  expect(page.area.value).toBe("forty-two");
  page.area.dispatchEvent(new Event("compositionend"));

  await vi.waitFor(() => expect(page.area.value).toBe("Is it forty-two"));
});

test("opens to a group, and to one person", async () => {
  const page = await new APage().show();
  await vi.waitFor(() => expect(page.el.querySelector("select")).not.toBeNull());
  const [box, select] = [
    page.el.querySelector("input") as HTMLInputElement,
    page.el.querySelector("select") as HTMLSelectElement,
  ];
  expect([box.checked, select.value, select.getAttribute("aria-label")]).toEqual([false, "", "Alice"]);

  box.click();
  await vi.waitFor(() => expect(page.el.querySelector<HTMLInputElement>("input")?.checked).toBe(true));
  select.value = "closed";
  select.dispatchEvent(new Event("change"));

  expect(page.model.sentOf("open_to").map(({ content: { who, id, access } }) => [who, id, access])).toEqual([
    ["group", "a", "open"],
    ["person", "1", "closed"],
  ]);
});

test("says what another program has stored, and why something did not work", async () => {
  const page = new APage();
  page.answers.content = { text: "", misfits: [{ key: "text", value: 7 }] };
  await page.show();
  await vi.waitFor(() => expect(page.el.textContent).toContain("does not fit: text: 7."));

  page.model.onSend = ({ content: { peer, ask } }) =>
    page.model.receive({ kind: "answer", to: peer, ask, refusal: "the hub cannot be reached" });
  page.model.receive({ kind: "content_changed" });

  await vi.waitFor(() =>
    expect(page.el.querySelector(".tnb-problem")?.textContent).toContain("The hub cannot be reached."),
  );
});
