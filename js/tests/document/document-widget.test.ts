// A document type in the browser: all that one has to write, and what is done for it.
import { html } from "lit-html";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { documentWidget } from "../../src/document/document-widget";
import { FakeModel, type Sent } from "../fake-model";

const choice = documentWidget({
  name: "choice",
  css: ".tnb-choice { color: red }",
  data: { chosen: "", isSure: false },
  options: { answers: ["yes", "no"] },
  draw: ({ data, options, canEdit, assign }) =>
    html`${options.answers.map(
      (answer) =>
        html`<button ?disabled=${!canEdit} aria-pressed=${answer === data.chosen}
          @click=${() => assign("chosen", answer)}>${answer}</button>`,
    )}<i>${data.isSure ? "sure" : "unsure"}</i>`,
});

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
});

afterEach(() => stop.abort());

/** A widget in two cells of a page, and its kernel by hand. */
class AChoice {
  readonly life = new AbortController();
  readonly model: FakeModel;
  readonly views: HTMLElement[];

  constructor(traits: Record<string, unknown> = {}) {
    const saved = { title: "Is it?", save_state: "saved", access: "RW_User" };
    this.model = new FakeModel({ ...saved, data: { chosen: "" }, ...traits });
    stop.signal.addEventListener("abort", () => this.life.abort());
    const shown = choice({ model: this.model, signal: this.life.signal });
    this.views = [1, 2].map(() => {
      const el = document.createElement("div");
      document.body.append(el);
      shown.render({ el, signal: stop.signal });
      return el;
    });
  }

  get el(): HTMLElement {
    return this.views[0] as HTMLElement;
  }

  button(name: string, el = this.el): HTMLButtonElement {
    const found = [...el.querySelectorAll("button")].find((each) => each.textContent?.trim() === name);
    if (!found) throw new Error(`there is no button “${name}”`);
    return found;
  }

  /** What stands for chosen, in each view. */
  get chosen(): (string | null | undefined)[] {
    return this.views.map((el) => el.querySelector("[aria-pressed=true]")?.textContent);
  }

  get asked(): Sent["content"][] {
    return this.model.sentOf("assign").map(({ content }) => content);
  }

  async answer(number: number, answer: Record<string, unknown>): Promise<void> {
    const { peer: to, ask } = this.asked[number] as Sent["content"];
    this.model.receive({ kind: "answer", to, ask, ...answer });
    await Promise.resolve();
    await Promise.resolve();
  }

  words(selector: string): string {
    const found = this.el.querySelector<HTMLElement>(selector);
    return found && !found.hidden ? (found.textContent ?? "").trim() : "";
  }
}

test("a document stands in its frame: title, save state, style", () => {
  const { el } = new AChoice();

  expect(el.querySelector("section.tnb-widget.tnb-choice")?.getAttribute("aria-label")).toBe("Is it?");
  expect(el.querySelector(".tnb-title")?.textContent).toBe("Is it?");
  expect(el.querySelector(".tnb-status")?.textContent).toContain("Saved");
  expect(document.querySelector('style[data-tnb-style="choice"]')?.textContent).toContain("tnb-choice");
});

test("what the kernel leaves out is as the type says, and options are those of the notebook", () => {
  const shown = new AChoice();
  expect([shown.words("i"), shown.button("no").disabled]).toEqual(["unsure", false]);

  shown.model.set("answers", ["maybe"]);

  expect(shown.button("maybe").disabled).toBe(false);
});

test("an assignment is shown at once, in every cell, and asked of the kernel", () => {
  const shown = new AChoice();

  shown.button("yes").click();

  expect(shown.chosen).toEqual(["yes", "yes"]);
  expect(shown.asked).toMatchObject([{ key: "chosen", value: "yes" }]);
  expect(shown.words(".tnb-status-words")).toBe("Saving …");
});

test("an assignment stays when the kernel has taken it, and what others assign later counts", async () => {
  const shown = new AChoice();
  shown.button("yes").click();

  shown.model.set("data", { chosen: "yes" });
  await shown.answer(0, { value: null });
  expect(shown.chosen).toEqual(["yes", "yes"]);
  shown.model.set("data", { chosen: "no", isSure: true });

  expect(shown.chosen).toEqual(["no", "no"]);
  expect(shown.words("i")).toBe("sure");
});

test.each([
  ["taken", { value: null }],
  ["refused", { refusal: "too late" }],
])("an earlier assignment that is %s does not take back a later one", async (_what, answer) => {
  const shown = new AChoice();
  shown.button("yes").click();
  shown.button("no").click();

  shown.model.set("data", { chosen: "yes" });
  await shown.answer(0, answer);

  expect(shown.chosen).toEqual(["no", "no"]);
  expect(shown.words(".tnb-problem")).toBe("");
});

test("an assignment that is refused is taken back with the reason, until the next one", async () => {
  const shown = new AChoice();
  shown.button("yes").click();

  await shown.answer(0, { refusal: "the vote has ended" });

  expect(shown.chosen).toEqual([undefined, undefined]);
  await vi.waitFor(() =>
    expect(shown.words(".tnb-problem")).toContain("Your change was not taken: the vote has ended."),
  );
  expect(shown.words(".tnb-status-words")).toBe("Not saved");
  shown.button("no").click();
  expect(shown.words(".tnb-problem")).toBe("");
});

test("who has dismissed why something was refused reads that the rest is saved", async () => {
  const shown = new AChoice();
  shown.button("yes").click();
  await shown.answer(0, { refusal: "the vote has ended" });
  await vi.waitFor(() => expect(shown.words(".tnb-status-words")).toBe("Not saved"));

  shown.el.querySelector<HTMLElement>("[aria-label='Dismiss message']")?.click();

  await vi.waitFor(() => expect(shown.words(".tnb-status-words")).toBe("Saved"));
});

test("a problem can be dismissed, and the same one is told when it comes again", () => {
  const shown = new AChoice();
  shown.model.set("problem", "no disk");
  shown.el.querySelector<HTMLElement>("[aria-label='Dismiss message']")?.click();
  expect(shown.words(".tnb-problem")).toBe("");

  shown.model.set("problem", "");
  shown.model.set("problem", "no disk");

  expect(shown.words(".tnb-problem")).toContain("no disk");
});

test("who may only read cannot press, nor anybody after the kernel has ended", () => {
  const reader = new AChoice({ access: "RO_User", save_state: "read-only" });
  expect(reader.button("yes").disabled).toBe(true);
  const writer = new AChoice();
  expect(writer.button("yes").disabled).toBe(false);

  writer.life.abort();

  expect(writer.button("yes").disabled).toBe(true);
  expect(writer.words(".tnb-status-words")).toBe("Not connected");
  expect(writer.words(".tnb-detail")).toContain("Run the notebook cell again");
});

test("how a document is shared is said, and it can be closed where it was opened", () => {
  const shown = new AChoice({ notice: "Only teachers share this.", is_closable: true });
  expect(shown.words(".tnb-sharing")).toContain("Only teachers share this.");
  shown.model.set("notice", "the school's backend does not score quizzes: that needs a hub of teaching_nb");
  expect(shown.words(".tnb-sharing")).toMatch(/The school's backend does not .* of teaching_nb\.$/);

  shown.el.querySelector<HTMLElement>("[aria-label='Close Is it?']")?.click();

  expect(shown.model.sentOf("close")).toHaveLength(1);
});

test("the focus goes on beside a document that is closed, unless it is elsewhere by then", async () => {
  for (const isElsewhere of [false, true]) {
    document.body.replaceChildren();
    const shown = new AChoice({ is_closable: true });
    const next = document.createElement("input");
    const far = document.createElement("input");
    document.body.append(next, far);
    const close = shown.button("✕", shown.views[1]);
    close.focus();
    close.click();

    if (isElsewhere) far.focus();
    stop.abort();
    shown.views[1]?.remove();

    await vi.waitFor(() => expect(document.activeElement).toBe(isElsewhere ? far : next));
    stop = new AbortController();
  }
});

test("the focus stays where it is when anything changes", () => {
  const shown = new AChoice();
  shown.button("no").focus();

  shown.model.set("data", { chosen: "yes" });
  shown.model.set("save_state", "offline");
  shown.model.set("problem", "something");

  expect(document.activeElement).toBe(shown.button("no"));
});

test("keys of a document do not reach JupyterLab's shortcuts", () => {
  const shown = new AChoice();
  let leaked = 0;
  document.body.addEventListener("keydown", () => (leaked += 1), { signal: stop.signal });

  shown.button("yes").dispatchEvent(new KeyboardEvent("keydown", { key: "d", bubbles: true }));

  expect(leaked).toBe(0);
  expect(shown.el.querySelector("section")?.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
});

test("what the kernel says does not fit the notebook is told, and takes no change", () => {
  const odd = new AChoice({ data: { chosen: "maybe" }, misfits: [{ key: "chosen", value: "maybe" }] });

  expect(odd.el.textContent).toContain('does not fit: chosen: "maybe".');
  expect(odd.chosen).toEqual([undefined, undefined]);
  expect(odd.button("yes").disabled).toBe(true);

  odd.model.set("misfits", []);
  expect(odd.button("yes").disabled).toBe(false);
});

test("what only the notebook asks otherwise by now is told, and can be answered anew", () => {
  const misfits = [{ key: "chosen", value: "maybe", is_of_call: true }];
  const odd = new AChoice({ data: { chosen: "maybe" }, misfits });

  expect(odd.el.textContent).toContain(
    'what is asked here by now: chosen: "maybe". It can be answered anew.',
  );
  expect(odd.button("yes").disabled).toBe(false);

  odd.model.set("misfits", [...misfits, { key: "isSure", value: "very" }]);
  expect(odd.button("yes").disabled).toBe(true);
});

test("what another program has stored and does not fit is told, shown and never changed", () => {
  const odd = new AChoice({ data: { chosen: "yes", isSure: "very" } });
  const shown = (each: HTMLElement) => each.textContent?.replace(/\s+/g, " ") ?? "";

  expect(shown(odd.el)).toContain('does not fit: isSure: "very".');
  expect(odd.el.querySelector("i")?.textContent).toBe("unsure");
  expect(odd.el.querySelector<HTMLButtonElement>("[aria-pressed=true]")?.disabled).toBe(true);
  expect(odd.el.querySelector("details")?.textContent).toContain("2 keys");

  odd.model.set("data", { chosen: "no", isSure: true });
  expect(shown(odd.el)).not.toContain("does not fit");
  expect(odd.el.querySelector<HTMLButtonElement>("[aria-pressed=true]")?.disabled).toBe(false);

  odd.model.set("data", {});
  odd.model.set("misfits", [{ key: "", value: ["yes"] }]);
  expect(shown(odd.el)).toContain('does not fit: ["yes"].');
  expect(shown(odd.el)).toContain("1 entry");

  odd.model.set("misfits", [{ key: "", value: null }]);
  expect(shown(odd.el)).toContain("does not fit: null.");
  expect(odd.el.querySelector<HTMLButtonElement>("button[aria-pressed]")?.disabled).toBe(true);
});
