import { render } from "lit-html";
import { beforeEach, expect, test } from "vitest";
import type { Person } from "../../src/live/people";
import { PeopleBar } from "../../src/status/people-bar";

let picked: string[];
let show: (people: Person[], followed: string) => void;

beforeEach(() => {
  const home = document.createElement("div");
  document.body.replaceChildren(home);
  picked = [];
  let shown: [Person[], string] = [[], ""];
  const draw = () => render(bar.list(...shown), home);
  const bar = new PeopleBar(({ name }) => picked.push(name), draw);
  show = (...present) => {
    shown = present;
    draw();
  };
});

const list = () => document.querySelector<HTMLElement>(".tnb-people") as HTMLElement;

function people(...names: string[]): Person[] {
  return names.map((name) => ({ id: name, name, color: "#345678", role: null, isMe: name === "Me" }));
}

function shownButtons(): HTMLButtonElement[] {
  return [...list().querySelectorAll<HTMLLIElement>("li")]
    .filter((item) => !item.hidden)
    .flatMap((item) => item.querySelector("button") ?? []);
}

const labels = () => shownButtons().map((button) => button.getAttribute("aria-label") ?? button.textContent);

test("everybody else is a button with the full name, oneself is not", () => {
  show(people("Me", "Ada Lovelace", "Bob Brown"), "Bob Brown");

  expect(labels()).toEqual(["Follow Ada Lovelace", "Follow Bob Brown"]);
  expect(shownButtons().map((button) => button.getAttribute("aria-pressed"))).toEqual(["false", "true"]);
  shownButtons()[0]?.click();
  expect(picked).toEqual(["Ada Lovelace"]);
});

test("nobody else is no list", () => {
  show(people("Me"), "");

  expect(list().hidden).toBe(true);
});

test("many are a few and a number, which names the others and opens the list", () => {
  show(people("A", "B", "C", "D", "E", "F", "G"), "");
  expect(labels()).toEqual(["Follow A", "Follow B", "Follow C", "Follow D", "+3 more here: E, F, G"]);

  shownButtons().at(-1)?.click();

  expect(labels().slice(4)).toEqual(["Follow E", "Follow F", "Follow G", "Fewer"]);
  expect(shownButtons().at(-1)?.getAttribute("aria-expanded")).toBe("true");
});

test("whoever is followed is shown among many", () => {
  show(people("A", "B", "C", "D", "E", "F"), "F");

  expect(labels()).toContain("Follow F");
});

test("the focus stays while others come and go", () => {
  show(people("Bob", "Zoe"), "");
  shownButtons()[1]?.focus();

  show(people("Ada", "Bob", "Carl", "Zoe"), "");
  show(people("Carl", "Zoe"), "");

  expect(document.activeElement?.getAttribute("aria-label")).toBe("Follow Zoe");
  expect(labels()).toEqual(["Follow Carl", "Follow Zoe"]);
});

test("a teacher is told from a student of the same name", () => {
  const [teacher, student] = people("Thea", "Thea").map((person, index) => ({ ...person, id: `${index}` }));
  show([{ ...teacher, role: "teacher" } as Person, student as Person], "");

  const chips = [...list().querySelectorAll("button")].slice(0, 2);

  expect(chips.map((chip) => chip.getAttribute("aria-label"))).toEqual([
    "Follow Thea (teacher)",
    "Follow Thea",
  ]);
  expect(chips.map((chip) => chip.querySelector<HTMLElement>(".tnb-role")?.hidden)).toEqual([false, true]);
});
