import { expect, test } from "vitest";
import { initialize } from "../../src";
import { nextState } from "../../src/widgets/task_state/states";
import { FakeModel } from "../fake-model";

test.each([
  [["unset", "checked"], "unset", "checked"],
  [["unset", "checked"], "checked", "unset"],
  [["unset", "checked"], "star", "unset"],
])("next state in %j after %s", (states, state, wanted) => {
  expect(nextState(states, state)).toBe(wanted);
});

test("a press shows the new state at once and tells the kernel", () => {
  const model = new FakeModel({
    data: { state: "unset" },
    states: ["unset", "checked"],
    title: "Read",
    save_state: "saved",
    access: "",
  });
  const stop = new AbortController();
  const el = document.createElement("div");
  initialize("task_state", { model, signal: stop.signal }).render({ el, signal: stop.signal });
  const button = el.querySelector<HTMLButtonElement>(".tnb-task-button");

  button?.click();

  expect(button?.getAttribute("aria-label")).toBe("Read: Done");
  expect(model.sentOf("assign")[0]?.content).toMatchObject({ key: "state", value: "checked" });
  expect(el.querySelector(".tnb-status")?.textContent).toContain("Saving");
  model.set("data", { state: "checked" });
  expect(button?.textContent).toContain("Done");
  stop.abort();
});
