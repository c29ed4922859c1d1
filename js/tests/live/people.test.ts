import { expect, test } from "vitest";
import { colorsOf, initials, luminance, nameOf, peopleIn, personIn, safeColor } from "../../src/live/people";

const state = (id: string, name: string, color = "#123456") => ({ user: { id, name, color } });

test("people: a person with two pages counts once, oneself comes first", () => {
  const states = new Map([
    [1, state("b", "Bob")],
    [2, state("a", "Ada")],
    [3, state("b", "Bob")],
    [4, state("m", "Me")],
  ]);

  expect(peopleIn(states, "m").map(({ name, isMe }) => [name, isMe])).toEqual([
    ["Me", true],
    ["Ada", false],
    ["Bob", false],
  ]);
});

test("people: a state without a name is somebody", () => {
  expect(peopleIn(new Map([[1, {}]]), undefined)[0]?.name).toBe("Somebody");
});

test("people: pages of a kernel that has never reached the hub are one's own", () => {
  const unnamed = { user: { id: "", name: "", color: "#123456" } };

  const people = peopleIn(new Map([1, 2].map((client) => [client, unnamed])), undefined);

  expect(people.map(({ isMe }) => isMe)).toEqual([true]);
  expect(personIn(3, unnamed, "m").id).toBe("m");
});

test.each([
  ["Ada Lovelace", "AL"],
  ["Ada King of Lovelace", "AL"],
  ["ada", "A"],
  ["𝒳 Æ", "𝒳Æ"],
  ["", "?"],
])("initials of %s", (name, wanted) => {
  expect(initials(name)).toBe(wanted);
});

test("a colour from the wire that is more than a colour is not taken", () => {
  expect(safeColor("#30bced")).toBe("#30bced");
  expect(safeColor("hsl(210 70% 34% / 0.3)")).toBe("hsl(210 70% 34% / 0.3)");
  expect(safeColor("red; background: url(http://evil.example)")).toBeNull();
  expect(safeColor(7)).toBeNull();
});

test("the colour of a person is always the same", () => {
  expect(colorsOf("user-1")).toEqual(colorsOf("user-1"));
});

test("a person's colour carries white words, and is seen on dark", () => {
  for (let number = 0; number < 300; number += 1) {
    const { color } = colorsOf(`user-${number}`);
    const bright = luminance([1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255));

    expect(1.05 / (bright + 0.05)).toBeGreaterThanOrEqual(4.5);
    expect((bright + 0.05) / (0.0152 + 0.05)).toBeGreaterThanOrEqual(3);
  }
});

test("people: a role is that of a teacher or an admin, whatever else stands there", () => {
  const withRole = (role: unknown) => personIn(1, { user: { id: "t", name: "Thea", role } }, "m");

  expect(nameOf(withRole("teacher"))).toBe("Thea (teacher)");
  expect(nameOf(withRole("admin"))).toBe("Thea (admin)");
  for (const role of ["student", "", null, undefined, 7, "<b>teacher</b>"])
    expect(nameOf(withRole(role))).toBe("Thea");
});
