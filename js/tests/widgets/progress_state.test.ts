import { afterEach, expect, test } from "vitest";
import { shownSteps } from "../../src/widgets/progress_state/steps";
import { type ShownWidget, shownWidget } from "./shown-widget";

const STEPS = ["Open the lid", "Look", "Close the lid"];

let shown: ShownWidget;

afterEach(() => {
  shown?.stop.abort();
  document.documentElement.lang = "";
});

async function show(progress: unknown, traits: object = {}) {
  const data = { progress, totalSteps: 3 };
  shown = await shownWidget("progress_state", { steps: STEPS, data, ...traits });
}

const steps = () =>
  [...shown.el.querySelectorAll("li")].map((item) => item.querySelector("span:last-child")?.textContent);
const state = () => shown.el.querySelector(".tnb-steps-go [role=status]")?.textContent;

test("a step opens when the one before is done, and one can go back; the focus stays", async () => {
  await show(0);
  expect(steps()).toEqual(["Open the lid"]);
  const next = shown.button("Done, go on");
  next?.focus();

  next?.click();
  expect(steps()).toEqual(["Open the lid", "Look"]);
  expect(shown.el.querySelector("[aria-current=step]")?.textContent).toContain("Look");
  expect(shown.model.sentOf("assign")[0]?.content).toMatchObject({ key: "progress", value: 1 });
  expect(document.activeElement).toBe(next);
  expect(shown.button("Done, go on")).toBe(next);

  shown.button("Back")?.click();
  expect(steps()).toEqual(["Open the lid"]);
});

test("all steps are done: going on does nothing, and is said to", async () => {
  await show(3);

  expect(state()).toBe("All 3 steps are done");
  shown.button("Done, go on")?.click();
  expect(shown.model.sent).toEqual([]);
  expect(shown.button("Done, go on")?.getAttribute("aria-disabled")).toBe("true");
});

test.each([
  [STEPS, { progress: 1, totalSteps: 3 }, 2, 1, 3],
  // The call has got another step since, or lost some.
  [STEPS, { progress: 9, totalSteps: 9 }, 3, 3, 3],
  [[], { progress: 1, totalSteps: 4 }, 2, 1, 4],
  [[], { progress: 1, totalSteps: 0 }, 0, 0, 0],
  [STEPS, { progress: "far" as never, totalSteps: 3 }, 1, 0, 3],
])("of %j at %j so many are shown: %d", (told, data, count, done, total) => {
  const found = shownSteps(told, data);

  expect(found.steps).toHaveLength(count);
  expect(found).toMatchObject({ done, total });
});

test("who may not write reads on; without a kernel the last state is there", async () => {
  await show(1, { access: "RO_User" });
  expect(shown.button("Done, go on")?.disabled).toBe(true);
  shown.stop.abort();

  expect(steps()).toEqual(["Open the lid", "Look"]);
});

test("it speaks German", async () => {
  document.documentElement.lang = "de";
  await show(1);

  expect(state()).toBe("Schritt 2 von 3");
});

test("any number of steps of another program is said, and not listed", async () => {
  const total = Number.MAX_SAFE_INTEGER;
  await show(2 ** 40, { steps: [], data: { progress: 2 ** 40, totalSteps: total } });
  expect(state()).toBe(`Step ${2 ** 40 + 1} of ${total}`);
  for (const progress of [total, 2 ** 40]) {
    expect(shownSteps([], { progress, totalSteps: total })).toEqual({ steps: [], done: progress, total });
  }
  expect(shownSteps([], { progress: 1, totalSteps: total }).steps).toEqual(["Step 1", "Step 2"]);
});
