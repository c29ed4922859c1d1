import { afterEach, beforeEach, expect, test } from "vitest";
import type { Person } from "../../src/live/people";
import { PeopleBar } from "../../src/status/people-bar";

let stop: AbortController;
let picked: string[];
let bar: PeopleBar;

beforeEach(() => {
  stop = new AbortController();
  picked = [];
  bar = new PeopleBar(({ name }) => picked.push(name), stop.signal);
  document.body.replaceChildren(bar.el);
});

afterEach(() => stop.abort());

function people(...names: string[]): Person[] {
  return names.map((name) => ({ id: name, name, color: "#345678", role: null, isMe: name === "Me" }));
}

function shownButtons(): HTMLButtonElement[] {
  return [...bar.el.querySelectorAll<HTMLLIElement>("li")]
    .filter((item) => !item.hidden)
    .flatMap((item) => item.querySelector("button") ?? []);
}

const labels = () => shownButtons().map((button) => button.getAttribute("aria-label") ?? button.textContent);

test("everybody else is a button with the full name, oneself is not", () => {
  bar.update(people("Me", "Ada Lovelace", "Bob Brown"), "Bob Brown");

  expect(labels()).toEqual(["Follow Ada Lovelace", "Follow Bob Brown"]);
  expect(shownButtons().map((button) => button.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
  shownButtons()[0]?.click();
  expect(picked).toEqual(["Ada Lovelace"]);
});

test("nobody else is no list", () => {
  bar.update(people("Me"), "");

  expect(bar.el.hidden).toBe(true);
});

test("many are a few and a number, which names the others and opens the list", () => {
  bar.update(people("A", "B", "C", "D", "E", "F", "G"), "");
  expect(labels()).toEqual(["Follow A", "Follow B", "Follow C", "Follow D", "+3 more here: E, F, G"]);

  shownButtons().at(-1)?.click();

  expect(labels().slice(4)).toEqual(["Follow E", "Follow F", "Follow G", "Fewer"]);
  expect(shownButtons().at(-1)?.getAttribute("aria-expanded")).toBe("true");
});

test("whoever is followed is shown among many", () => {
  bar.update(people("A", "B", "C", "D", "E", "F"), "F");

  expect(labels()).toContain("Follow F");
});

test("the focus stays while others come and go", () => {
  bar.update(people("Bob", "Zoe"), "");
  shownButtons()[1]?.focus();

  bar.update(people("Ada", "Bob", "Carl", "Zoe"), "");
  bar.update(people("Carl", "Zoe"), "");

  expect(document.activeElement?.getAttribute("aria-label")).toBe("Follow Zoe");
  expect(labels()).toEqual(["Follow Carl", "Follow Zoe"]);
});

test("a teacher is told from a student of the same name", () => {
  const [teacher, student] = people("Thea", "Thea").map((person, index) => ({ ...person, id: `${index}` }));
  bar.update([{ ...teacher, role: "teacher" } as Person, student as Person], "");

  const chips = [...bar.el.querySelectorAll("button")].slice(0, 2);

  expect(chips.map((chip) => chip.getAttribute("aria-label"))).toEqual([
    "Follow Thea (teacher)",
    "Follow Thea",
  ]);
  expect(chips.map((chip) => chip.querySelector<HTMLElement>(".tnb-role")?.hidden)).toEqual([false, true]);
});
