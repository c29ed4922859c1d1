import { afterEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { speak } from "../../src/text/words";
import { describeState, nextState } from "../../src/widgets/task_state/states";
import { FakeModel } from "../fake-model";

const stop = new AbortController();

afterEach(() => document.body.replaceChildren());

test.each([
  [["unset", "checked"], "unset", "checked"],
  [["unset", "checked"], "checked", "unset"],
  [["unset", "checked"], "star", "unset"],
])("next state in %j after %s", (states, state, wanted) => {
  expect(nextState(states, state)).toBe(wanted);
});

test.each(["en", "de"])("each state has a symbol and words of its own, in “%s”", async (language) => {
  await speak(language);
  const states = [
    "unset",
    "checked",
    "question",
    "star",
    "star-half",
    "star-empty",
    "clock-check",
    "progress-check",
  ];
  const shown = states.map(describeState);
  await speak("en");

  for (const part of ["symbol", "words"] as const)
    expect(new Set(shown.map((one) => one[part])).size).toBe(8);
  expect(shown.map(({ words }) => words)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/-|^$/)]),
  );
});

async function aTask(traits: Record<string, unknown> = {}): Promise<{ model: FakeModel; el: HTMLElement }> {
  const model = new FakeModel({
    data: { state: "unset" },
    states: ["unset", "checked"],
    title: "Read",
    save_state: "saved",
    access: "",
    ...traits,
  });
  const el = document.createElement("div");
  document.body.append(el);
  (await initialize("task_state", { model, signal: stop.signal })).render({ el, signal: stop.signal });
  return { model, el };
}

function buttonOf(el: HTMLElement): HTMLButtonElement {
  return el.querySelector<HTMLButtonElement>(".tnb-task-button") as HTMLButtonElement;
}

test("a press shows the new state at once and asks the kernel to store it", async () => {
  const { model, el } = await aTask();

  buttonOf(el).click();

  expect(buttonOf(el).getAttribute("aria-label")).toBe("Read: Done");
  expect(model.sentOf("assign")[0]?.content).toMatchObject({ key: "state", value: "checked" });
  expect(el.querySelector(".tnb-status")?.textContent).toContain("Saving");
});

test("the title stands on the button, once", async () => {
  const { el } = await aTask();

  expect([...el.querySelectorAll(".tnb-title")].map((title) => title.textContent)).toEqual(["Read"]);
  expect(buttonOf(el).querySelector(".tnb-title")).not.toBeNull();
  expect(el.querySelector("section")?.hasAttribute("aria-label")).toBe(false);
});

test("a reader cannot press, and is not told what a press would do", async () => {
  const button = buttonOf((await aTask({ access: "RO_User" })).el);

  expect([button.disabled, button.title]).toEqual([true, ""]);
});

test("a task keeps the focus when others change its state", async () => {
  const { model, el } = await aTask();
  buttonOf(el).focus();

  model.set("data", { state: "checked" });

  await vi.waitFor(() => expect(buttonOf(el).textContent).toContain("Done"));
  expect(document.activeElement).toBe(buttonOf(el));
});

test.each([
  ["closed", "unset", "Open", "progress-check", "Waiting for the solution"],
  ["closed", "progress-check", "Waiting for the solution", "unset", "Open"],
  ["closed", "checked", "Done", "unset", "Open"],
  ["open", "progress-check", "Ready to compare", "checked", "Done"],
])("with a solution that is %s a task that is %s says “%s”, and a press leads to %s", async (...row) => {
  const [solution, state, words, next, nextWords] = row;
  const states = ["unset", "progress-check", "checked"];
  const { model, el } = await aTask({ data: { state }, states, solution });

  expect(buttonOf(el).getAttribute("aria-label")).toBe(`Read: ${words}`);
  expect(buttonOf(el).title).toBe(`Press for “${nextWords}”`);
  buttonOf(el).click();
  expect(model.sentOf("assign")[0]?.content).toMatchObject({ key: "state", value: next });
});
