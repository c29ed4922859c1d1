// The list of what a student has, in the panel “Class”: it follows what the hub tells, and asks where that says something.
import { render } from "lit-html";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ListedDocument } from "../../src/cells/class-list";
import { Refusal } from "../../src/cells/refusal";
import { ClassRooms, type RoomsHub } from "../../src/lab/class-rooms";
import { LACKING_AT_TEACHING_API } from "../../src/schema/hub_kinds";
import { FakeHub } from "../fake-hub";

const TICK = 1_000;

function listed(id: string, type: string, more: Partial<ListedDocument> = {}): ListedDocument {
  return {
    id,
    type,
    documentRootId: "r1",
    rootName: id,
    updatedAt: "2026-01-01T00:00:01Z",
    numberBelow: 0,
    ...more,
  };
}

class School implements RoomsHub {
  readonly fake = new FakeHub();
  readonly line = this.fake.line();
  documents = [listed("write", "task_state", { data: { state: "unset" } }), listed("talk", "simple_chat")];
  runs = new Map<string, unknown>();
  asked = 0;

  async users() {
    return [{ id: "ada", name: "Ada", role: "student" }];
  }

  async groups() {
    return [{ id: "g1", name: "Class", userIds: ["ada"] }];
  }

  refusal: Refusal | null = null;

  async documentsOf() {
    this.asked += 1;
    if (this.refusal) throw this.refusal;
    return this.documents;
  }

  async runsOf() {
    return this.runs;
  }

  tell(event: string, payload: object): void {
    this.fake.wires.at(-1)?.tell(event, payload);
  }
}

const follower = { onUp: () => {}, onDown: () => {} };
let school: School;
let rooms: ClassRooms;
let page: HTMLElement;
let ticks: ReturnType<typeof setInterval>;

beforeEach(() => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  vi.useFakeTimers();
  school = new School();
  page = document.createElement("div");
  rooms = roomsLacking([]);
});

afterEach(() => {
  clearInterval(ticks);
  rooms.show(null);
  school.line.unfollow(follower);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function roomsLacking(lacking: readonly string[]): ClassRooms {
  return new ClassRooms({
    hub: school,
    lacking,
    watch: () => {},
    changed: () => render(rooms.section, page),
  });
}

/** Look at what Ada has, as the panel does that is seen. */
async function look(): Promise<void> {
  school.line.follow(follower);
  await vi.advanceTimersByTimeAsync(0);
  rooms.show({ id: "tina", role: "teacher" });
  ticks = setInterval(() => rooms.refresh(), TICK);
  await vi.advanceTimersByTimeAsync(TICK);
  page.querySelector<HTMLElement>("button")?.click();
  await vi.advanceTimersByTimeAsync(2 * TICK);
}

const words = () => page.querySelector(".tnb-class-documents")?.textContent?.replace(/\s+/g, " ") ?? "";

test("a list that is told of is not asked for again, and shows what a document holds by now", async () => {
  await look();
  const { asked } = school;
  await vi.advanceTimersByTimeAsync(30 * TICK);
  expect(school.asked).toBe(asked);

  school.tell("CHANGED_DOCUMENT", {
    id: "write",
    data: { state: "question" },
    updatedAt: "2026-01-01T00:00:02Z",
  });

  expect(words()).toContain("Question");
  expect(school.asked).toBe(asked);
});

test.each([["NEW_RECORD"], ["CHANGED_RECORD"], ["DELETED_RECORD"]])(
  "%s of a document, anybody's, has it asked for, once for many at once",
  async (event) => {
    await look();
    const { asked } = school;
    school.documents = [listed("talk", "simple_chat", { numberBelow: 3 })];
    for (let told = 0; told < 5; told += 1) school.tell(event, { type: "Document", id: "m1", record: {} });
    await vi.advanceTimersByTimeAsync(2 * TICK);

    expect(words()).toContain("3 messages");
    expect(school.asked - asked).toBeLessThanOrEqual(2);
  },
);

test("how a run has ended is shown when it is told", async () => {
  school.documents = [
    listed("loop", "code"),
    listed("run", "last_run", { parentId: "loop", data: { status: "ok" } }),
  ];
  school.runs = new Map([["loop", { status: "ok" }]]);
  await look();
  const { asked } = school;

  const data = { status: "error", error: "NameError", line: 2 };
  school.tell("CHANGED_DOCUMENT", { id: "run", data, updatedAt: "2026-01-01T00:00:02Z" });

  expect(words()).toContain("NameError");
  expect(school.asked).toBe(asked);
});

test("a hub that does not tell is asked every five seconds, and so is one that has gone until it tells again", async () => {
  school.fake.letsIn = false;
  await look();
  const { asked } = school;
  await vi.advanceTimersByTimeAsync(30 * TICK);
  expect(school.asked - asked).toBeGreaterThanOrEqual(5);

  school.fake.die();
  school.fake.letsIn = school.fake.isAlive = true;
  await vi.advanceTimersByTimeAsync(30 * TICK);
  const again = school.asked;
  await vi.advanceTimersByTimeAsync(30 * TICK);
  expect(school.asked).toBe(again);
});

test("a list that is refused is a sentence in its place, and is seldom asked for again", async () => {
  school.refusal = new Refusal("you do not look after them", 403);
  await look();
  const { asked } = school;
  await vi.advanceTimersByTimeAsync(30 * TICK);

  expect(words()).toBe("You do not look after them.");
  expect(school.asked).toBe(asked);
  expect(page.querySelector("[role=alert]")).toBeNull();
});

test("at a hub without lists nobody can be asked for theirs, and of whom it tells nothing, nothing is said", async () => {
  rooms = roomsLacking(LACKING_AT_TEACHING_API);
  await look();

  expect(page.querySelector("button")).toBeNull();
  expect(school.asked).toBe(0);
  expect(page.textContent).toContain("has no list of what somebody has");
  expect(page.querySelector("li")?.textContent?.replace(/\s+/g, " ")).toBe("Ada? not known");
  school.tell("CONNECTED_CLIENTS", { rooms: [["ada", 2]], type: "update" });
  expect(page.querySelector("li")?.textContent).toContain("here or observed");
});
