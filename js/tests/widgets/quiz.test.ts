// A quiz on a page: answering, what is shown when it has been assessed, and what teachers have below it.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { inOrder } from "../../src/widgets/quiz/words";
import { FakeModel, type Sent } from "../fake-model";

const QUESTIONS = [
  {
    qid: "home",
    ask: "Where are we?",
    options: ["Venus", "Earth", "Mars"],
    multiple: false,
    order: [2, 0, 1],
  },
  {
    qid: "gas",
    ask: "Which are of gas?",
    options: ["Earth", "Jupiter", "Saturn"],
    multiple: true,
    order: [],
  },
  { qid: "round", ask: "The Earth is round.", options: [], multiple: false, order: [] },
];
const OPEN = { documentId: "q", authorId: "1", isAssessed: false, mayCheck: false, questions: [] };
const DONE = {
  ...OPEN,
  isAssessed: true,
  points: 2.5,
  maxPoints: 5,
  questions: [
    { qid: "home", points: 2, maxPoints: 2, hits: 1, misses: 0, maxHits: 1, choices: [1], value: null },
    { qid: "gas", points: 0.5, maxPoints: 2, hits: 1, misses: 1, maxHits: 2, choices: [1, 2], value: null },
    { qid: "round", points: 0, maxPoints: 1, hits: 0, misses: 1, maxHits: 1, choices: null, value: true },
  ],
};

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
});

afterEach(() => stop.abort());

/** A page with a quiz, and a kernel that answers what it is asked. */
class APage {
  readonly el = document.createElement("div");
  readonly model: FakeModel;
  readonly answers: Record<string, unknown> = { assessment: OPEN, answer_question: null };
  refusal = "";

  constructor(traits: Record<string, unknown> = {}) {
    this.model = new FakeModel({
      title: "Planets",
      data: { questionOrder: [], assessed: false },
      save_state: "saved",
      access: "RW_DocumentRoot",
      questions: QUESTIONS,
      answers: {},
      ...traits,
    });
    this.model.onSend = ({ content }) => queueMicrotask(() => this.answer(content));
  }

  get saved(): string {
    return this.el.querySelector(".tnb-status-words")?.textContent ?? "";
  }

  async show(): Promise<this> {
    const shown = await initialize("quiz", { model: this.model, signal: stop.signal });
    document.body.append(this.el);
    shown.render({ el: this.el, signal: stop.signal });
    return this;
  }

  get legends(): string[] {
    return [...this.el.querySelectorAll("legend")].map(({ textContent }) => textContent ?? "");
  }

  option(words: string, place = 0): HTMLInputElement {
    const labels = [...this.el.querySelectorAll("label")].filter((label) =>
      label.textContent?.includes(words),
    );
    return labels[place]?.querySelector("input") as HTMLInputElement;
  }

  button(words: string): HTMLButtonElement {
    return [...this.el.querySelectorAll("button")].find(
      ({ textContent }) => textContent?.trim() === words,
    ) as never;
  }

  sent(kind: string): Record<string, unknown>[] {
    return this.model.sentOf(kind).map(({ content: { peer, ask, kind, ...rest } }) => rest);
  }

  private answer({ kind, peer, ask }: Sent["content"]): void {
    if (ask === undefined) return;
    const value = this.answers[String(kind)];
    this.model.receive({
      kind: "answer",
      to: peer,
      ask,
      value,
      refusal: kind === "assessment" ? "" : this.refusal,
    });
  }
}

test.each([
  [3, [], [0, 1, 2]],
  [3, [2, 0, 1], [2, 0, 1]],
  [3, [5, 1, 1, -1, 0.5], [1, 0, 2]],
])("%d things in the order %j are %j", (count, order, wanted) => {
  expect(inOrder(count, order)).toEqual(wanted);
});

test("asks in this person's order, and tells the kernel each answer", async () => {
  const page = await new APage({ data: { questionOrder: [2, 0, 1], assessed: false } }).show();
  expect(page.legends).toEqual(["1. The Earth is round.", "2. Where are we?", "3. Which are of gas?"]);
  const first = [...page.el.querySelectorAll("form:nth-of-type(2) label")].map((each) => each.textContent);
  expect(first.map((words) => words?.trim())).toEqual(["Mars", "Venus", "Earth"]);

  page.option("True").click();
  page.option("Mars").click();
  page.option("Jupiter").click();
  page.option("Saturn").click();

  expect(page.sent("answer_question")).toEqual([
    { qid: "round", choices: null, value: true },
    { qid: "home", choices: [2], value: null },
    { qid: "gas", choices: [1], value: null },
    { qid: "gas", choices: [1, 2], value: null },
  ]);
  expect(page.el.querySelector(".tnb-status")?.textContent).toContain("Saving");
});

test("shows what is stored, and takes back what was refused with a sentence", async () => {
  const page = await new APage({ answers: { home: [1], round: false } }).show();
  expect([page.option("Earth").checked, page.option("False").checked]).toEqual([true, true]);

  page.refusal = "the hub cannot be reached";
  page.option("Venus").click();

  await vi.waitFor(() => expect(page.el.textContent).toContain("The hub cannot be reached."));
  expect([page.option("Venus").checked, page.option("Earth").checked]).toEqual([false, true]);
});

test("says of each answer that was refused, until it is answered", async () => {
  const page = await new APage({ answers: { home: [1] } }).show();
  const notice = () => page.el.textContent ?? "";
  page.refusal = "Answering “Where?” did not work";
  page.option("Venus").click();
  await vi.waitFor(() => expect(notice()).toContain("“Where?”"));
  page.refusal = "Answering “Round?” did not work";
  page.option("True").click();
  await vi.waitFor(() => expect(notice()).toContain("“Round?”"));

  // The hub is back, and the kernel answers again.
  page.refusal = "";
  const asked = page.sent("assessment").length;
  page.model.set("data", { questionOrder: [], assessed: false, again: 1 });
  await vi.waitFor(() => expect(page.sent("assessment").length).toBeGreaterThan(asked));
  await new Promise((done) => setTimeout(done));
  expect(notice()).toContain("“Where?”");
  expect(notice()).toContain("“Round?”");
  expect(page.saved).toBe("Not saved");

  page.option("True").click();
  await vi.waitFor(() => expect(notice()).not.toContain("“Round?”"));
  expect(notice()).toContain("“Where?”");
});

test("says what was answered in Python and refused, until the kernel has nothing of it any more", async () => {
  const why = "the hub refuses: this answer has been assessed and can be changed no more";
  const page = await new APage({
    answers: { round: false },
    refused_answers: { round: `answering “The Earth is round. (true)” did not work: ${why}` },
  }).show();
  const problem = () => page.el.querySelector(".tnb-problem:not([hidden])")?.textContent ?? "";

  expect(page.option("False").checked).toBe(true);
  expect(problem()).toContain(
    "Answering “The Earth is round. (true)” did not work: the hub refuses: this answer",
  );

  expect(page.saved).toBe("Not saved");
  page.model.set("refused_answers", {});

  await vi.waitFor(() => expect(problem()).toBe(""));
  expect(page.saved).toBe("Saved");
});

test("a list that is refused is no change that is not saved", async () => {
  const page = await new APage({ is_staff: true }).show();
  page.refusal = "asking how the class stands did not work";
  (page.el.querySelectorAll("details")[1] as HTMLDetailsElement).open = true;

  await vi.waitFor(() => expect(page.el.textContent).toContain("Asking how the class stands did not work"));
  expect(page.saved).toBe("Saved");
});

test("shows an answer that does not fit with a sentence, and takes no other one", async () => {
  const page = await new APage({
    answers: { home: [1] },
    odd_answers: {
      round: [{ key: "value", value: 1 }],
      gas: [{ key: "choices", value: [9], is_of_call: true }],
    },
  }).show();

  const [home, gas, round] = [...page.el.querySelectorAll("form")].map((form) => ({
    words: form.querySelector("[role=status]")?.textContent ?? "",
    isDisabled: form.querySelector("fieldset")?.disabled,
  }));
  expect(home).toEqual({ words: "", isDisabled: false });
  expect(gas?.words).toContain("What was answered does not fit what is asked here by now: choices: [9].");
  expect(gas?.isDisabled).toBe(false);
  expect(round?.words).toContain("stored something here that does not fit: value: 1. It is shown");
  expect(round?.words).toContain('its author by assigning “.answer_document("round").data” in Python.');
  expect(round?.isDisabled).toBe(true);
  page.model.set("odd_answers", {});
  await vi.waitFor(() => expect(page.el.querySelectorAll("fieldset:disabled")).toHaveLength(0));
});

test("shows the result of each question and of all, and locks", async () => {
  const page = new APage({
    answers: { home: [1], gas: [1, 0] },
    data: { questionOrder: [], assessed: true },
  });
  page.answers.assessment = DONE;
  await page.show();

  await vi.waitFor(() => expect(page.el.textContent).toContain("2.5 of 5 points in all"));
  const results = [...page.el.querySelectorAll(".tnb-quiz-result")].map((each) => each.textContent?.trim());
  expect(results).toEqual(["✓ 2 of 2 points", "◐ 0.5 of 2 points", "✗ 0 of 1 points"]);
  const right = [...page.el.querySelectorAll(".tnb-quiz-right")].map(
    (each) => each.closest("label")?.textContent,
  );
  expect(right.map((words) => words?.replace(/\s+/g, " ").trim())).toEqual([
    "Earth✓ correct",
    "Jupiter✓ correct",
    "Saturn✓ correct",
    "True✓ correct",
  ]);
  expect([...page.el.querySelectorAll("fieldset")].every(({ disabled }) => disabled)).toBe(true);
});

test("offers to check the answers where the teacher lets students do that", async () => {
  const page = new APage();
  expect(page.button("Check the answers")).toBeUndefined();
  page.answers.assessment = { ...OPEN, mayCheck: true };
  await page.show();
  await vi.waitFor(() => expect(page.button("Check the answers")).toBeDefined());

  page.answers.check_quiz = DONE;
  page.button("Check the answers").click();
  page.model.set("data", { questionOrder: [], assessed: true });

  await vi.waitFor(() => expect(page.sent("check_quiz")).toHaveLength(1));
});

test("students have nothing of what teachers have", async () => {
  const page = await new APage().show();

  expect(page.el.querySelector("details")).toBeNull();
  expect(page.sent("key")).toEqual([]);
});

test("a teacher says what is right, and assesses", async () => {
  const page = new APage({ is_staff: true });
  const student = { ...OPEN, name: "Alice", points: 1, maxPoints: 5 };
  Object.assign(page.answers, {
    key: { answers: { home: { choices: [1], value: null } }, others: [], selfCheck: false },
    change_key: {
      answers: { home: { choices: [1], value: null }, round: { choices: null, value: true } },
      others: [],
      selfCheck: true,
    },
    class: [student],
    assess: [{ ...student, isAssessed: true }],
  });
  await page.show();
  const [key, students] = [...page.el.querySelectorAll("details")] as [
    HTMLDetailsElement,
    HTMLDetailsElement,
  ];
  key.open = students.open = true;
  await vi.waitFor(() => expect(page.el.textContent).toContain("Alice"));
  await vi.waitFor(() => expect(key.querySelectorAll("form")).toHaveLength(3));
  expect(key.textContent?.match(/is not scored/g)).toHaveLength(2);

  key.querySelector<HTMLInputElement>(".tnb-quiz-key:nth-of-type(3) input")?.click();
  page.option("themselves").click();
  await vi.waitFor(() => expect(page.sent("change_key")).toHaveLength(2));
  page.button("Assess all").click();

  await vi.waitFor(() => expect(page.button("Open again")).toBeDefined());
  expect(page.sent("change_key")).toEqual([
    { qid: "round", choices: null, value: true, self_check: null },
    { qid: "", choices: null, value: null, self_check: true },
  ]);
  expect(page.sent("assess")).toEqual([{ documents: ["q"], on: true }]);
  expect(page.button("Open again").getAttribute("aria-label")).toBe("Open again: Alice");
});

test("a teacher's quick presses build on each other; what is asked no more can be taken out", async () => {
  const page = new APage({ is_staff: true });
  page.answers.key = page.answers.change_key = { answers: {}, others: ["moon"], selfCheck: false };
  await page.show();
  const key = page.el.querySelector("details") as HTMLDetailsElement;
  key.open = true;
  await vi.waitFor(() => expect(key.textContent).toContain("“moon” is scored, too"));

  page.option("Jupiter", 1).click();
  page.option("Saturn", 1).click();
  page.button("Take out").click();

  expect(page.option("Jupiter", 1).checked).toBe(true);
  expect(page.sent("change_key").map(({ self_check, ...rest }) => rest)).toEqual([
    { qid: "gas", choices: [1], value: null },
    { qid: "gas", choices: [1, 2], value: null },
    { qid: "moon", choices: null, value: null },
  ]);
  await vi.waitFor(() => expect(page.option("Jupiter", 1).checked).toBe(false));
});

test("asks again whether one may check oneself when somebody answers, or comes back to the page", async () => {
  const page = await new APage().show();
  await vi.waitFor(() => expect(page.sent("assessment")).not.toHaveLength(0));
  expect(page.button("Check the answers")).toBeUndefined();
  page.answers.assessment = { ...OPEN, mayCheck: true };

  page.option("True").click();

  await vi.waitFor(() => expect(page.button("Check the answers")).toBeDefined());
  page.answers.assessment = OPEN;
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.waitFor(() => expect(page.button("Check the answers")).toBeUndefined());
});

test("asks anew when the kernel hears that the key has changed", async () => {
  const page = await new APage().show();
  await vi.waitFor(() => expect(page.sent("assessment")).not.toHaveLength(0));
  page.answers.assessment = { ...OPEN, mayCheck: true };

  page.model.set("key_changes", 1);

  await vi.waitFor(() => expect(page.button("Check the answers")).toBeDefined());
  expect(page.sent("class")).toEqual([]);
});

test("the points of a class that is shown follow what is right", async () => {
  const page = new APage({ is_staff: true });
  page.answers.class = [{ ...OPEN, name: "Alice", points: 0, maxPoints: 0 }];
  await page.show();
  (page.el.querySelectorAll("details")[1] as HTMLDetailsElement).open = true;
  await vi.waitFor(() => expect(page.el.textContent).toContain("0 of 0 points in all"));
  page.answers.class = [{ ...OPEN, name: "Alice", points: 1, maxPoints: 5 }];

  page.model.set("key_changes", 1);

  await vi.waitFor(() => expect(page.el.textContent).toContain("1 of 5 points in all"));
});

test("the points of a class that is shown follow what is answered, asked for once for many answers", async () => {
  const page = new APage({ is_staff: true });
  page.answers.class = [{ ...OPEN, name: "Alice", points: 0, maxPoints: 5 }];
  await page.show();
  page.model.set("class_changes", 1);
  (page.el.querySelectorAll("details")[1] as HTMLDetailsElement).open = true;
  await vi.waitFor(() => expect(page.el.textContent).toContain("0 of 5 points in all"));
  const asked = page.sent("class").length;
  page.answers.class = [{ ...OPEN, name: "Alice", points: 1, maxPoints: 5 }];

  for (let heard = 2; heard < 30; heard += 1) page.model.set("class_changes", heard);

  await vi.waitFor(() => expect(page.el.textContent).toContain("1 of 5 points in all"), 5000);
  expect(page.sent("class").length - asked).toBeLessThanOrEqual(2);
});

test("a class that nobody looks at is not asked for", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const page = new APage({ is_staff: true });
  await page.show();

  page.model.set("class_changes", 1);
  await vi.runAllTimersAsync();

  expect(page.sent("class")).toEqual([]);
  vi.useRealTimers();
});

test.each([
  [{ assessed: "x", questionOrder: [] }, [], 'assessed: "x"'],
  [{ assessed: false, questionOrder: "x" }, [], 'questionOrder: "x"'],
  [{ questionOrder: [2, 2] }, [{ key: "questionOrder", value: [2, 2] }], "questionOrder: [2,2]"],
  [{}, [{ key: "", value: null }], "null"],
])("what does not fit is told, and only true has been assessed: %j", async (data, misfits, words) => {
  const page = new APage({ data, misfits });
  await page.show();

  await vi.waitFor(() => expect(page.el.textContent).toContain(`does not fit: ${words}.`));
  expect(page.el.textContent).not.toContain("has been assessed");
  expect(page.el.querySelectorAll("fieldset:not(:disabled)").length).toBe(QUESTIONS.length);
});
