// A document that is no live text and is watched: what is shown of it, and that nothing is once it may not be seen.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refusal } from "../../src/cells/refusal";
import { WatchedDocument, type WatchingHub } from "../../src/cells/watched-document";
import type { Document } from "../../src/schema/records";
import { FakeHub } from "../fake-hub";

const TASK: Document = {
  id: "d1",
  authorId: "ada",
  type: "task_state",
  data: { state: "unset" },
  parentId: null,
  documentRootId: "r1",
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:01Z",
  revision: 1,
};

class School implements WatchingHub {
  readonly fake = new FakeHub();
  readonly line = this.fake.line();
  stored: Document | null = TASK;
  beside: Document[] = [];
  refusal: Error | null = null;

  about: Document | null = null;
  staffOnly: string[] = [];

  async document(id: string): Promise<Document | null> {
    if (this.refusal) throw this.refusal;
    return id === this.about?.id ? this.about : this.stored;
  }

  async isOfStaff(root: string): Promise<boolean> {
    return this.staffOnly.includes(root);
  }

  askedForOthers = 0;

  async documentsAt(root: string): Promise<Document[]> {
    this.askedForOthers += 1;
    const all = [...(this.stored ? [this.stored] : []), ...this.beside];
    return all.filter(({ documentRootId }) => documentRootId === root);
  }

  async users() {
    return [
      { id: "ada", name: "Ada" },
      { id: "tina", name: "Tina" },
    ];
  }

  tell(event: string, payload: object): void {
    this.fake.wires.at(-1)?.tell(event, payload);
  }
}

let school: School;
let watched: WatchedDocument;

beforeEach(async () => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.useFakeTimers();
  school = new School();
  watched = new WatchedDocument({ id: "d1", hub: school, random: () => 0.5 });
  await vi.advanceTimersByTimeAsync(1_000);
});

afterEach(() => {
  watched.dispose();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("what the author does is shown when it is told, and nothing that is older or another document's", () => {
  expect([watched.phase, watched.isLive, watched.document?.data]).toEqual(["open", true, TASK.data]);

  school.tell("CHANGED_DOCUMENT", {
    id: "d1",
    data: { state: "question" },
    updatedAt: "2026-01-01T00:00:02Z",
  });
  school.tell("CHANGED_DOCUMENT", { id: "d1", data: { state: "star" }, updatedAt: "2026-01-01T00:00:00Z" });
  school.tell("CHANGED_DOCUMENT", { id: "d2", data: { state: "star" }, updatedAt: "2026-01-01T00:00:03Z" });

  expect(watched.document?.data).toEqual({ state: "question" });
});

test.each([
  ["is gone", () => (school.stored = null)],
  ["is refused", () => (school.refusal = new Refusal("not for you", 403))],
])("a document that %s is shown no longer", async (_what, happens) => {
  happens();
  school.tell("DELETED_RECORD", { type: "Document", id: "d1" });
  await vi.advanceTimersByTimeAsync(1_000);

  expect([watched.phase, watched.document, watched.isLive]).toEqual(["refused", null, false]);
  expect(watched.words).not.toBe("");
  await vi.dynamicImportSettled();
  expect(watched.advice).toMatch(/^Choose the person in the panel “Class” again/);
});

test("a lost connection is told, and what happened meanwhile is asked for", async () => {
  school.fake.die();
  school.stored = { ...TASK, data: { state: "question" } };
  expect([watched.isLive, watched.document?.data]).toEqual([false, TASK.data]);

  school.fake.isAlive = true;
  await vi.advanceTimersByTimeAsync(30_000);

  expect([watched.isLive, watched.document?.data]).toEqual([true, { state: "question" }]);
});

test("a hub that is away for a moment is asked again", async () => {
  school.refusal = new Error("away");
  watched.wake();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([watched.phase, watched.document?.data]).toEqual(["unreachable", TASK.data]);

  school.refusal = null;
  await vi.advanceTimersByTimeAsync(30_000);

  expect(watched.phase).toBe("open");
});

test("documents that have to do with it come when they are wanted: the author's, and those below it", async () => {
  const beside = { ...TASK, id: "d2", data: { qid: "a" } };
  const message = { ...TASK, id: "d3", authorId: "bob", parentId: "d1", createdAt: "2025-01-01T00:00:00Z" };
  school.beside = [beside, message, { ...TASK, id: "d4", authorId: "bob" }];
  expect(watched.related).toEqual([]);

  watched.wantRelated();
  await vi.advanceTimersByTimeAsync(1_000);

  expect(watched.related.map(({ id, isBelow, name }) => [id, isBelow, name])).toEqual([
    ["d3", true, "Somebody"],
    ["d2", false, "Ada"],
  ]);
  expect(watched.related.map(({ parentId }) => parentId)).toEqual(["d1", null]);
  school.tell("CHANGED_DOCUMENT", { id: "d2", data: { qid: "b" }, updatedAt: "2026-01-01T00:00:02Z" });
  expect(watched.related.at(-1)?.data).toEqual({ qid: "b" });
});

test("one that is closed is heard of no more", async () => {
  watched.dispose();
  await vi.advanceTimersByTimeAsync(1_000);

  expect(
    school.fake.wires.flatMap((wire) => wire.askedOf("FOLLOW_DOCUMENTS")).map(({ payload }) => payload),
  ).toEqual([
    { userId: "ada", on: true },
    { userId: "ada", on: false },
  ]);
});

const MESSAGE = { ...TASK, id: "d3", authorId: "bob", parentId: "d1" };

test("what others write below it is heard of, and not asked for again and again", async () => {
  watched.wantRelated();
  await vi.advanceTimersByTimeAsync(1_000);
  school.askedForOthers = 0;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(school.askedForOthers).toBe(0);

  school.beside = [MESSAGE];
  school.tell("NEW_RECORD", { type: "Document", record: MESSAGE });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(watched.related.map(({ id }) => id)).toEqual(["d3"]);
  expect(school.askedForOthers).toBe(1);

  // What was missed without a connection is asked for with the next one.
  school.fake.die();
  school.beside = [MESSAGE, { ...MESSAGE, id: "d4" }];
  school.fake.isAlive = true;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(watched.related.map(({ id }) => id)).toEqual(["d3", "d4"]);
  watched.dispose();
  const asked = school.fake.wires.flatMap((wire) => wire.asked);
  const rooms = asked.filter(({ event }) => event.endsWith("_ROOM"));
  expect(rooms.map(({ event, payload }) => `${event} ${payload.id}`)).toEqual([
    "JOIN_ROOM r1",
    "JOIN_ROOM r1",
    "LEAVE_ROOM r1",
  ]);
});

test("where the hub does not tell what others write, it is asked for", async () => {
  school.fake.letsIn = false;
  watched.wantRelated();
  await vi.advanceTimersByTimeAsync(1_000);
  school.beside = [MESSAGE];

  await vi.advanceTimersByTimeAsync(2_500);

  expect(watched.related.map(({ id }) => id)).toEqual(["d3"]);
});

test.each([
  ["only reads there", ["staffs"], "Tina: Too short?"],
  ["may have written it themself", [], "Ada: Too short?"],
])(
  "a comment on a document that lies elsewhere is shown with its answer; the author %s",
  async (_how, staffOnly, first) => {
    const thread = { ...TASK, type: "mdx_comment", documentRootId: "staffs", data: { about: "essay" } };
    const said = (id: string, root: string, data: object): Document => ({
      ...TASK,
      id,
      type: "quill_v2",
      documentRootId: root,
      createdAt: `2026-01-01T00:00:0${id}Z`,
      data,
    });
    school.about = { ...TASK, id: "essay", documentRootId: "place" };
    school.staffOnly = staffOnly;
    school.stored = thread;
    school.beside = [
      said("2", "place", { thread: "d1", text: "I add more.", writer: "tina" }),
      said("1", "staffs", { thread: "d1", text: "Too short?", writer: "tina" }),
      said("3", "place", { text: "My essay" }),
    ];
    watched.dispose();
    watched = new WatchedDocument({ id: "d1", hub: school, random: () => 0.5 });
    watched.wantRelated();
    await vi.advanceTimersByTimeAsync(1_000);

    const shown = watched.related.filter(({ isBelow }) => isBelow);
    const words = shown.map(({ data, name }) => `${name}: ${(data as { text: string }).text}`);
    expect(words).toEqual([first, "Ada: I add more."]);
  },
);
