import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ShownWidget, shownWidget } from "./shown-widget";

/** Tells, when a test says so, whether elements are in view. */
class FakeObserver {
  static all: FakeObserver[] = [];
  observed: Element[] = [];
  constructor(readonly take: (entries: { isIntersecting: boolean }[]) => void) {
    FakeObserver.all.push(this);
  }
  observe(element: Element): void {
    this.observed.push(element);
  }
  disconnect(): void {
    this.observed = [];
  }
  static show(isIntersecting: boolean): void {
    for (const { take, observed } of FakeObserver.all) if (observed.length) take([{ isIntersecting }]);
  }
}

let shown: ShownWidget[] = [];
let documents = 0;
let visibility: "visible" | "hidden" = "visible";

beforeEach(() => {
  documents += 1;
  visibility = "visible";
  FakeObserver.all = [];
  vi.stubGlobal("IntersectionObserver", FakeObserver);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
});

afterEach(() => {
  for (const { stop } of shown) stop.abort();
  shown = [];
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  document.documentElement.lang = "";
});

/** A kernel that takes what a page assigns. */
async function show(data: object = { readTime: 0, read: false }, traits: object = {}): Promise<ShownWidget> {
  const mark = { document: `text-${documents}`, course: "" };
  const made = await shownWidget("page_read_check", { data, mark, ...traits });
  made.model.onSend = ({ content }) => {
    if (content.kind !== "assign") return;
    const before = made.model.get("data") as object;
    made.model.set("data", { ...before, [String(content.key)]: content.value });
    made.model.receive({ kind: "answer", to: content.peer, ask: content.ask, value: null, refusal: "" });
  };
  shown.push(made);
  return made;
}

const times = ({ model }: ShownWidget) =>
  model
    .sentOf("assign")
    .filter(({ content }) => content.key === "readTime")
    .map(({ content }) => content.value);

/** Shown under a clock of the test's. */
async function counting(...args: Parameters<typeof show>): Promise<ShownWidget> {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  return show(...args);
}

test("seconds in view are told every ten seconds, on top of those before", async () => {
  const text = await counting({ readTime: 50, read: false });
  FakeObserver.show(true);

  await vi.advanceTimersByTimeAsync(35_000);

  expect(times(text)).toEqual([60, 70, 80]);
  expect(text.el.textContent).toContain("Reading time: 1 min");
});

test("what is not seen is not counted: out of view, a hidden page, a reader who has gone", async () => {
  const text = await counting();
  await vi.advanceTimersByTimeAsync(30_000);
  FakeObserver.show(true);
  visibility = "hidden";
  await vi.advanceTimersByTimeAsync(30_000);
  expect(times(text)).toEqual([]);

  visibility = "visible";
  await vi.advanceTimersByTimeAsync(600_000);
  const alone = Number(times(text).at(-1));
  expect(alone).toBeGreaterThan(200);
  expect(alone).toBeLessThan(310);
  document.dispatchEvent(new Event("pointermove"));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(Number(times(text).at(-1))).toBeGreaterThan(alone);
});

test("two cells of one document count once", async () => {
  const one = await counting();
  const other = await show();
  FakeObserver.show(true);

  await vi.advanceTimersByTimeAsync(31_000);

  const total = [one, other].reduce((sum, each) => sum + Number(times(each).at(-1) ?? 0), 0);
  expect(total).toBeGreaterThanOrEqual(28);
  expect(total).toBeLessThanOrEqual(31);
});

test("who may only read it, or has no kernel, is not counted", async () => {
  const reader = await counting(undefined, { access: "RO_User" });
  FakeObserver.show(true);
  await vi.advanceTimersByTimeAsync(30_000);

  expect(times(reader)).toEqual([]);
  expect(reader.el.querySelector("input")?.disabled).toBe(true);
});

test("the box is ticked, in German too", async () => {
  document.documentElement.lang = "de";
  const text = await show();
  expect(text.el.querySelector("label")?.textContent).toContain("Ich habe das gelesen");

  text.el.querySelector("input")?.click();

  expect(text.model.sentOf("assign")[0]?.content).toMatchObject({ key: "read", value: true });
});
