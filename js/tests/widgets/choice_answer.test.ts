import { expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { chosenAfter, shownOptions } from "../../src/widgets/choice_answer/options";
import { FakeModel } from "../fake-model";

test.each([
  [["a", "b", "c"], [], [0, 1, 2]],
  [
    ["a", "b", "c"],
    [2, 0, 1],
    [2, 0, 1],
  ],
  // The call has changed since the order was drawn.
  [
    ["a", "b", "c"],
    [3, 1],
    [1, 0, 2],
  ],
  [
    ["a", "b"],
    [1, 1, 0],
    [1, 0],
  ],
])("options %j in the order %j are shown as %j", (options, order, shown) => {
  expect(shownOptions(options, order, []).map(({ index }) => index)).toEqual(shown);
});

test("without options what was chosen is shown by its number", () => {
  expect(shownOptions([], [1, 0], [2, 0]).map(({ words }) => words)).toEqual(["Option 1", "Option 3"]);
});

test.each([
  [[0], 2, true, false, [2]],
  [[2], 2, false, false, []],
  [[2], 0, true, true, [0, 2]],
  [[0, 2], 0, false, true, [2]],
])("%j and a press on %d (%s, several: %s) makes %j", (before, index, isChosen, multiple, after) => {
  expect(chosenAfter(before, index, isChosen, multiple)).toEqual(after);
});

async function shown(traits: Record<string, unknown>) {
  const model = new FakeModel({
    title: "Where are we?",
    options: ["Venus", "Earth", "Mars"],
    multiple: false,
    data: { choices: [], optionsOrder: [], assessed: false },
    save_state: "saved",
    access: "RW_User",
    ...traits,
  });
  const stop = new AbortController();
  const el = document.createElement("div");
  document.body.append(el);
  (await initialize("choice_answer", { model, signal: stop.signal })).render({ el, signal: stop.signal });
  const input = (place: number) => el.querySelectorAll("input")[place] as HTMLInputElement;
  return { model, el, input, stop };
}

test("a press is shown at once, sent, and taken back when the kernel refuses it", async () => {
  const { model, el, input, stop } = await shown({});

  input(1).click();
  expect(input(1).checked).toBe(true);
  const [sent] = model.sentOf("assign");
  expect(sent?.content).toMatchObject({ key: "choices", value: [1] });
  model.receive({ kind: "answer", to: sent?.content.peer, ask: sent?.content.ask, refusal: "not today" });

  await vi.waitFor(() => expect(input(1).checked).toBe(false));
  expect(el.textContent).toContain("not today");
  stop.abort();
});

test("an assessed answer is shown and locked", async () => {
  const { el, input, stop } = await shown({ data: { choices: [2], optionsOrder: [], assessed: true } });

  expect(el.querySelector("fieldset")?.disabled).toBe(true);
  expect(input(2).checked).toBe(true);
  expect(el.textContent).toContain("This answer has been assessed.");
  stop.abort();
});

test("one of several can be cleared, and only by who may write", async () => {
  const writer = await shown({ data: { choices: [0], optionsOrder: [], assessed: false } });
  const clear = [...writer.el.querySelectorAll("button")].find((each) => each.textContent === "Clear");
  clear?.click();
  expect(writer.model.sentOf("assign")[0]?.content).toMatchObject({ key: "choices", value: [] });
  writer.stop.abort();

  const reader = await shown({
    data: { choices: [0], optionsOrder: [], assessed: false },
    access: "RO_User",
  });
  expect(reader.el.textContent).not.toContain("Clear");
  expect(reader.el.querySelector("fieldset")?.disabled).toBe(true);
  reader.stop.abort();
});
