import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { initialize } from "../../src";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

const LANE = { document: "d1", epoch: 0, user: "u" };
const MINE = "def fib(n): ...\nprint(fib(10))";
const THEIRS = "def fib(n):\n    return n";

let stop: AbortController;

beforeEach(() => {
  stop = new AbortController();
  document.body.replaceChildren();
});

afterEach(() => {
  stop.abort();
  vi.unstubAllGlobals();
});

/** A code cell whose kernel holds a version that could not be merged. */
class ACell {
  readonly model: FakeModel;
  readonly el = document.createElement("div");
  readonly life = new AbortController();

  constructor(traits: Record<string, unknown> = {}) {
    this.model = new FakeModel({
      kind: "code",
      title: "Fibonacci",
      text_key: "code",
      save_state: "refused",
      save_detail: "your version waits",
      access: "RW_User",
      unmerged: [MINE],
      lane: LANE,
      me: { id: "u", name: "Ada" },
      ...traits,
    });
    new FakeKernel(this.model, THEIRS);
    document.body.append(this.el);
    stop.signal.addEventListener("abort", () => this.life.abort());
  }

  /** Show one; what marks the differences is loaded then. */
  static async shown(traits: Record<string, unknown> = {}): Promise<ACell> {
    const cell = new ACell(traits);
    const { signal } = cell.life;
    const widget = await initialize("code", { model: cell.model, signal });
    widget.render({ el: cell.el, signal: stop.signal });
    await vi.waitFor(() => expect(cell.box.querySelector(".cm-content") ?? cell.box.hidden).toBeTruthy());
    return cell;
  }

  get box(): HTMLElement {
    const found = this.el.querySelector<HTMLElement>('[aria-label="Your version could not be merged"]');
    if (!found) throw new Error("there is no box");
    return found;
  }

  button(name: string): HTMLButtonElement {
    const found = [...this.box.querySelectorAll("button")].find((each) => each.textContent === name);
    if (!found) throw new Error(`there is no button “${name}”`);
    return found;
  }
}

test("both versions are shown, and said to be two", async () => {
  const cell = await ACell.shown();

  expect(cell.box.hidden).toBe(false);
  expect(cell.box.querySelector("[role=alert]")?.textContent).toMatch(/nobody else sees it/);
  expect(cell.box.textContent).toContain("print(fib(10))");
  expect(cell.box.textContent).toContain("return n");
  expect(cell.el.querySelector(".tnb-status")?.textContent).toContain("Not merged");
});

test.each([
  ["Use my version", "Really use mine?", "use_mine"],
  ["Keep the shared text", "Really keep it?", "keep_theirs"],
])("“%s” is told to the kernel with the second press only", async (name, really, kind) => {
  const cell = await ACell.shown();

  cell.button(name).click();
  expect(cell.model.sentOf(kind)).toEqual([]);
  cell.button(really).click();

  expect(cell.model.sentOf(kind)).toHaveLength(1);
});

test("a first press does not count for the next version", async () => {
  const cell = await ACell.shown({ unmerged: [MINE, "another"] });
  cell.button("Keep the shared text").click();

  cell.model.set("unmerged", ["another"]);
  cell.button("Keep the shared text").click();

  expect(cell.model.sentOf("keep_theirs")).toEqual([]);
  expect(cell.box.textContent).toContain("another");
});

test("the own version can be copied", async () => {
  const writeText = vi.fn(async () => {});
  vi.stubGlobal("navigator", { clipboard: { writeText }, onLine: true });
  const cell = await ACell.shown();

  cell.button("Copy my version").click();

  await vi.waitFor(() => expect(cell.box.textContent).toContain("Copied."));
  expect(writeText).toHaveBeenCalledWith(MINE);
});

test("a reader can give the own version up, but not use it", async () => {
  const cell = await ACell.shown({ access: "RO_User", save_state: "read-only" });

  expect(cell.button("Use my version").disabled).toBe(true);
  expect(cell.button("Keep the shared text").disabled).toBe(false);
});

test("there is no box without such a version", async () => {
  const cell = await ACell.shown({ unmerged: [], save_state: "saved" });
  expect(cell.box.hidden).toBe(true);

  cell.model.set("unmerged", [MINE]);
  expect(cell.box.hidden).toBe(false);
  cell.model.set("unmerged", []);

  expect(cell.box.hidden).toBe(true);
});

test("what a kernel leaves is handed to the next widget of the document and person, once", async () => {
  const cell = await ACell.shown({ unmerged: [MINE, "another"] });
  cell.life.abort();
  expect(cell.box.hidden).toBe(false);
  expect(cell.box.textContent).toContain("Run the notebook cell again");
  expect(cell.button("Use my version").disabled).toBe(true);

  const foreign = await ACell.shown({ unmerged: [], lane: { ...LANE, user: "somebody else" } });
  const next = await ACell.shown({ unmerged: [], lane: {} });
  next.model.set("lane", LANE);
  const later = await ACell.shown({ unmerged: [] });

  expect(foreign.model.sentOf("set_aside")).toEqual([]);
  expect(next.model.sentOf("set_aside").map(({ content }) => content.text)).toEqual([MINE, "another"]);
  expect(later.model.sentOf("set_aside")).toEqual([]);
});

test("what a kernel has left can be given up", async () => {
  const cell = await ACell.shown();
  cell.life.abort();

  cell.button("Keep the shared text").click();
  cell.button("Really keep it?").click();

  const next = await ACell.shown({ unmerged: [] });
  expect(next.model.sentOf("set_aside")).toEqual([]);
});
