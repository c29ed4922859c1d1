import { expect, test } from "vitest";
import { initialize } from "../../src";
import { NO_LISTS, TOLD_TO_OBSERVERS } from "../../src/schema/hub_kinds";
import { changedWords } from "../../src/widgets/rooms/overview";
import { FakeModel } from "../fake-model";

const ADA = {
  id: "a",
  name: "Ada",
  role: "student",
  sign: "●",
  presence: "here, 2 connections",
  is_observed: false,
};
const BOB = { id: "b", name: "Bob", role: "student", sign: "○", presence: "away", is_observed: true };
const GROUP = { id: "g", name: "1a", about: "1 of 2 here · 3 connections", people: [ADA, BOB] };

interface AnOverview {
  model: FakeModel;
  el: HTMLElement;
  stop: AbortController;
}

async function anOverview(traits: Record<string, unknown> = {}): Promise<AnOverview> {
  const model = new FakeModel({
    groups: [GROUP],
    shown_user: "",
    documents: [],
    is_live: true,
    refusal: "",
    ...traits,
  });
  const stop = new AbortController();
  const el = document.createElement("div");
  document.body.replaceChildren(el);
  (await initialize("rooms", { model, signal: stop.signal })).render({ el, signal: stop.signal });
  return { model, el, stop };
}

function button(el: HTMLElement, label: string): HTMLButtonElement | null {
  return el.querySelector<HTMLButtonElement>(`button[aria-label="${label}"]`);
}

test("rooms say who is here in the words of the kernel", async () => {
  const { el, stop } = await anOverview();

  const words = [...el.querySelectorAll(".tnb-presence")].map(({ textContent }) => textContent);
  expect(words).toEqual(["here, 2 connections", "away"]);
  expect(el.querySelector(".tnb-group-head small")?.textContent).toBe("1 of 2 here · 3 connections");
  stop.abort();
});

test("rooms: what the hub does not offer is a sentence, without a button", async () => {
  const { el, stop } = await anOverview({ has_lists: false, notes: [NO_LISTS, TOLD_TO_OBSERVERS] });

  expect(button(el, "Documents of Ada")).toBeNull();
  expect(button(el, "Observe Ada")).not.toBeNull();
  expect(el.querySelector(".tnb-rooms-note")?.textContent).toBe(
    "The school's backend has no list of what somebody has: that needs a hub of teaching_nb. " +
      "The school's backend tells only of those whom you observe whether they are here.",
  );
  stop.abort();
});

test("rooms: what is said in the place of a list is a sentence", async () => {
  const { el, stop } = await anOverview({ shown_user: "a", list_note: "no documents yet" });

  expect(el.querySelector(".tnb-rooms-note")?.textContent).toBe("No documents yet.");
  stop.abort();
});

test("rooms: observing is a toggle", async () => {
  const { model, el, stop } = await anOverview();

  expect(button(el, "Observe Bob")?.getAttribute("aria-pressed")).toBe("true");
  expect(button(el, "Observe Bob")?.title).toMatch(/whether Bob is here.* they notice nothing of it/);
  button(el, "Observe Bob")?.click();
  button(el, "Observe Ada")?.click();

  expect(model.sentOf("observe").map(({ content }) => [content.room, content.on])).toEqual([
    ["b", false],
    ["a", true],
  ]);
  stop.abort();
});

test("rooms: documents of a person are listed and opened", async () => {
  const row = {
    id: "d",
    name: "fib",
    type: "code",
    root_id: "r",
    changed: "",
    connections: 0,
    is_observed: false,
    is_open: false,
  };
  const { model, el, stop } = await anOverview({ shown_user: "a", documents: [row] });

  expect(button(el, "Documents of Ada")?.getAttribute("aria-expanded")).toBe("true");
  button(el, "Open fib")?.click();

  expect(model.sentOf("open_document")[0]?.content.id).toBe("d");
  stop.abort();
});

test("rooms: the focus survives a change", async () => {
  const { model, el, stop } = await anOverview();
  button(el, "Observe Ada")?.focus();

  model.set("groups", [{ ...GROUP, people: [{ ...ADA, presence: "here, 3 connections" }, BOB] }]);

  expect(document.activeElement).toBe(button(el, "Observe Ada"));
  stop.abort();
});

test("rooms: a refusal is a sentence and nothing else", async () => {
  const { el, stop } = await anOverview({ refusal: "This overview is for teachers." });

  expect(el.textContent).toContain("This overview is for teachers.");
  expect(el.querySelectorAll(".tnb-rooms-list button")).toHaveLength(0);
  stop.abort();
});

test("rooms: a change of today is told as a time", () => {
  const now = new Date("2026-03-01T12:00:00");
  expect(changedWords("2026-03-01T10:05:00", now)).toMatch(/10.05/);
  expect(changedWords("2025-12-24T10:05:00", now)).toMatch(/2025/);
  expect(changedWords("", now)).toBe("");
});
