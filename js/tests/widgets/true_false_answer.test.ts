import { afterEach, expect, test } from "vitest";
import { type ShownWidget, shownWidget } from "./shown-widget";

let shown: ShownWidget;

afterEach(() => {
  shown.stop.abort();
  document.documentElement.lang = "";
});

const inputs = () => [...shown.el.querySelectorAll("input")];
const chosen = () => inputs().map(({ checked }) => checked);

async function show(data: object, traits: object = {}) {
  shown = await shownWidget("true_false_answer", { title: "Snow is black", data, ...traits });
}

test("a statement is judged, and the answer taken back", async () => {
  await show({ value: null, assessed: false });
  expect(shown.el.querySelector("fieldset")?.getAttribute("aria-label")).toBe("Snow is black");
  expect(chosen()).toEqual([false, false]);

  inputs()[1]?.click();
  expect(chosen()).toEqual([false, true]);
  expect(shown.model.sentOf("assign")[0]?.content).toMatchObject({ key: "value", value: false });
  shown.button("Clear")?.click();

  expect(shown.model.sentOf("assign")[1]?.content).toMatchObject({ key: "value", value: null });
  expect(chosen()).toEqual([false, false]);
});

test.each([
  ["assessed", { value: true, assessed: true }, {}],
  ["read only", { value: true, assessed: false }, { access: "RO_User" }],
])("an answer that is %s is shown and locked", async (_how, data, traits) => {
  await show(data, traits);

  expect(chosen()).toEqual([true, false]);
  expect(shown.el.querySelector("fieldset")?.disabled).toBe(true);
  expect(shown.button("Clear")).toBeUndefined();
});

test("what another client has stored and is no answer is shown as none", async () => {
  await show({ value: "yes", assessed: false });

  expect(chosen()).toEqual([false, false]);
});

test("without a kernel it shows its last state", async () => {
  await show({ value: false, assessed: false });
  shown.stop.abort();

  expect(chosen()).toEqual([false, true]);
});

test("it speaks German", async () => {
  document.documentElement.lang = "de";
  await show({ value: null, assessed: false });

  expect(shown.el.textContent).toMatch(/Richtig.*Falsch/s);
});
