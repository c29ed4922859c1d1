// Who a teacher sees in the panel “Class”, and in which order.
import { expect, test } from "vitest";
import { documentRows, groupRows, hereWords, withoutGroup } from "../../src/cells/class-list";
import { LAST_RUN } from "../../src/schema/types/last_run";
import { roleOf } from "../../src/text/roles";

const USERS = [
  { id: "t", name: "Tina", role: "teacher" },
  { id: "b", name: "Bob", role: "student" },
  { id: "a", firstName: "Alice", lastName: "Adams", role: "student" },
  { id: "c", email: "carol@school.test", role: "student" },
];
const FACTS = {
  users: USERS,
  groups: [
    { id: "g2", name: "Zeta", userIds: ["c"] },
    { id: "g1", name: "alpha", userIds: ["t", "a", "b", "gone"], adminIds: ["t"] },
  ],
  counts: new Map([["b", 2]]),
  me: { id: "t", role: "teacher" },
};

test("groups come by name, and in each who is here before who is not; oneself and the unknown are left out", () => {
  const rows = groupRows(FACTS);

  expect(
    rows.map(({ name, people }) => [name, people.map((person) => [person.name, person.presence])]),
  ).toEqual([
    [
      "alpha",
      [
        ["Bob", "here"],
        ["Alice Adams", "away"],
      ],
    ],
    ["Zeta", [["carol@school.test", "not-known"]]],
  ]);
  expect(rows.map(hereWords)).toEqual(["1 of 2 here", "1 person"]);
});

test("nothing is known of anybody before the hub has told something", () => {
  const [row] = groupRows({ ...FACTS, counts: new Map() });

  expect(row?.people.map(({ presence }) => presence)).toEqual(["not-known", "not-known"]);
});

test("where the hub counts others with a person, somebody is there, and of whom it tells nothing, nothing is said", () => {
  const counts = new Map([
    ["a", 2],
    ["b", 0],
  ]);
  const rows = groupRows({ ...FACTS, counts, lacking: ["presence"], me: { id: "t", role: "admin" } });

  expect(rows.map(({ people }) => people.map(({ presence }) => presence))).toEqual([
    ["here-or-observed", "away"],
    ["not-known"],
  ]);
  expect(rows.map(hereWords)).toEqual(["2 people", "1 person"]);
});

test("of a group whose people are not told nobody says that it has none", () => {
  const groups = [
    { id: "g1", name: "told", userIds: [] },
    { id: "g2", name: "not told" },
  ];

  expect(groupRows({ ...FACTS, groups }).map((row) => [row.name, hereWords(row)])).toEqual([
    ["not told", ""],
    ["told", "0 of 0 here"],
  ]);
  const me = { id: "t", role: "admin" };
  expect(groupRows({ ...FACTS, groups: groups.slice(1), me }).at(-1)?.name).toBe("Group not known");
  expect(groupRows({ ...FACTS, groups: [], me }).at(-1)?.name).toBe(withoutGroup());
});

test.each([
  [{ role: "teacher" }, "teacher"],
  [{ role: "ADMIN" }, "admin"],
  [{ isAdmin: true }, "admin"],
  [{ isAdmin: false }, "student"],
  [{ isAdmin: true, role: "student" }, "student"],
  [{}, ""],
])("the role of %j is “%s”", (record, role) => {
  expect(roleOf(record)).toBe(role);
  const users = [{ ...record, id: "c", email: "carol@school.test" }];
  expect(
    groupRows({ ...FACTS, users })
      .at(-1)
      ?.people.at(-1)?.role,
  ).toBe(role);
});

test("admins also see who is in no group, others do not", () => {
  const without = {
    ...FACTS,
    groups: [
      { id: "g2", name: "Zeta", userIds: ["c"] },
      { id: "g3", name: "Gone" },
    ],
  };

  expect(groupRows(without).map(({ name }) => name)).toEqual(["Gone", "Zeta"]);
  const asAdmin = groupRows({ ...without, me: { id: "t", role: "admin" } });
  expect(asAdmin.at(-1)).toMatchObject({
    name: withoutGroup(),
    people: [{ name: "Bob" }, { name: "Alice Adams" }],
  });
});

test("documents tell their state, and answers are a matter of their quiz", () => {
  const about = { documentRootId: "r", rootName: "planets", updatedAt: "2026-01-01T00:00:00Z" };
  const rows = documentRows([
    { ...about, id: "1", type: "quiz", data: { questionOrder: [0, 1] } },
    { ...about, id: "2", type: "true_false_answer", data: { value: true, qid: "a" } },
    { ...about, id: "3", type: "code", updatedAt: "2025-01-01T00:00:00Z" },
  ]);

  expect(rows.map(({ type, state }) => [type, state?.words])).toEqual([
    ["quiz", "answered 1 of 2"],
    ["code", undefined],
  ]);
});

test("documents come newest first, with a word for those that have no name; only texts can be watched", () => {
  const rows = documentRows([
    {
      id: "1",
      type: "task_state",
      documentRootId: "r1",
      rootName: "task",
      updatedAt: "2026-01-01T00:00:00Z",
    },
    {
      id: "2",
      type: "code",
      documentRootId: "0123456789",
      rootName: null,
      updatedAt: "2026-01-02T00:00:00Z",
    },
    ...["Group 1", 7].map((name, index) => ({
      id: `${3 + index}`,
      type: "simple_chat",
      documentRootId: "0123456789",
      rootName: null,
      updatedAt: `2026-01-0${4 - index}T00:00:00Z`,
      data: { name },
    })),
  ]);

  expect(rows.map(({ live, name, type }) => [name, type, live])).toEqual([
    ["Group 1", "simple_chat", null],
    ["root 01234567", "simple_chat", null],
    ["root 01234567", "code", "code"],
    ["task", "task_state", null],
  ]);
});

test("a thread is called as the document that it is about, and speaks for what is said in it", () => {
  const common = { rootName: null, updatedAt: "2026-01-01T00:00:00Z" };
  const rows = documentRows([
    { ...common, id: "essay", type: "string", documentRootId: "r1", rootName: "essay" },
    { ...common, id: "own", type: "mdx_comment", documentRootId: "r1", rootName: "essay", numberBelow: 1 },
    { ...common, id: "said", type: "quill_v2", documentRootId: "r1", rootName: "essay", parentId: "own" },
    { ...common, id: "notes", type: "quill_v2", documentRootId: "r1", rootName: "essay", parentId: "essay" },
    { ...common, id: "staff", type: "mdx_comment", documentRootId: "0123456789", data: { about: "essay" } },
    { ...common, id: "gone", type: "mdx_comment", documentRootId: "0123456789", data: { about: "?" } },
  ]);

  expect(Object.fromEntries(rows.map(({ id, name, state }) => [id, [name, state?.words]]))).toEqual({
    essay: ["essay", undefined],
    own: ["essay", "1 comment"],
    notes: ["essay", undefined],
    staff: ["essay", "comments"],
    gone: ["root 01234567", "comments"],
  });
});

test("code of the platform is watched as code", () => {
  const rows = documentRows(
    ["script", "pyodide_code", "string", "excalidoc"].map((type, index) => ({
      id: `${index}`,
      type,
      documentRootId: "r1",
      rootName: "fib",
      updatedAt: `2026-01-0${9 - index}T00:00:00Z`,
    })),
  );

  expect(rows.map(({ live, type }) => [type, live])).toEqual([
    ["script", "code"],
    ["pyodide_code", "code"],
    ["string", "string"],
    ["excalidoc", null],
  ]);
});

test("a last run is told with its cell, and is no document to be opened", () => {
  const run = { ...LAST_RUN, status: "error" as const, error: "NameError" };
  const [cell, ...others] = documentRows(
    [
      { id: "1", type: "code", documentRootId: "r1", rootName: "fib", updatedAt: "2026-01-01T00:00:00Z" },
      { id: "2", type: "last_run", documentRootId: "r1", rootName: "fib", updatedAt: "2026-01-02T00:00:00Z" },
    ],
    new Map([["1", run]]),
  );

  expect([cell?.name, cell?.run, others]).toEqual(["fib", run, []]);
});

test("a text in a file is called by it, and the tree speaks for folders and files", () => {
  const about = { documentRootId: "r", rootName: "project", updatedAt: "2026-01-01T00:00:00Z" };
  const rows = documentRows([
    { ...about, id: "top", type: "dir", parentId: null, data: { name: "My project" } },
    { ...about, id: "src", type: "dir", parentId: "top", data: { name: "src" } },
    { ...about, id: "file", type: "file", parentId: "src", data: { name: "main.py" } },
    { ...about, id: "text", type: "code", parentId: "file" },
    { ...about, id: "beside", type: "code", parentId: "src" },
    { ...about, id: "odd", type: "file", parentId: "top", data: [7] },
    { ...about, id: "in odd", type: "code", parentId: "odd" },
    { ...about, id: "one", type: "file", parentId: "two", data: { name: "1" } },
    { ...about, id: "two", type: "dir", parentId: "one", data: { name: "2" } },
    { ...about, id: "round", type: "code", parentId: "one" },
  ]);

  expect(Object.fromEntries(rows.map(({ id, name, state }) => [id, [name, state?.words]]))).toEqual({
    top: ["project", "3 files"],
    text: ["project: src/main.py", undefined],
    beside: ["project", undefined],
    "in odd": ["project: ?", undefined],
    round: [expect.stringMatching(/^project: .*2\/1$/), undefined],
  });
});

test("a thread of comments is called as the document that it is about, wherever it lies", () => {
  const updatedAt = "2026-01-01T00:00:00Z";
  const place = { documentRootId: "place", rootName: "poem", updatedAt };
  const staffs = { documentRootId: "staffs place", rootName: null, updatedAt, type: "mdx_comment" };
  const rows = documentRows([
    { ...place, id: "text", type: "string" },
    { ...place, id: "beside", type: "mdx_comment", data: { about: "text" } },
    { ...staffs, id: "written", data: { about: "text" } },
    { ...staffs, id: "lost", data: { about: "gone" } },
  ]);

  expect(Object.fromEntries(rows.map(({ id, name }) => [id, name]))).toEqual({
    text: "poem",
    beside: "poem",
    written: "poem",
    lost: "root staffs p",
  });
});
