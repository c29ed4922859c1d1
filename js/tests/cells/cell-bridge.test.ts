import { beforeEach, describe, expect, test } from "vitest";
import * as Y from "yjs";
import { CellBridge, type NotTaken } from "../../src/cells/cell-bridge";
import { LIVE_TEXT_BYTES } from "../../src/schema/limits";

/** A page: a notebook with one cell, the hub's document, the bridge between them. */
class Page {
  readonly notebook = new Y.Doc();
  readonly cell: Y.Text;
  readonly hub = new Y.Doc();
  readonly undo: Y.UndoManager;
  readonly bridge: CellBridge;
  readonly outbox: Uint8Array[] = [];
  readonly notTaken: NotTaken[] = [];
  isWritable = true;
  /** While true an input method composes. */
  isComposing = false;

  constructor(state: Uint8Array, local = "") {
    const cell = new Y.Text(local);
    this.notebook.getArray("cells").insert(0, [cell]);
    this.cell = cell;
    Y.applyUpdate(this.hub, state);
    this.hub.on(
      "update",
      (update: Uint8Array, origin: unknown) => origin !== "net" && this.outbox.push(update),
    );
    this.bridge = new CellBridge({
      cell,
      shared: this.shared,
      isWritable: () => this.isWritable,
      quietly: (change) => change(),
      isDisturbing: () => this.isComposing,
      notTaken: (why) => this.notTaken.push(why),
      onEdit: () => {},
      onRemote: () => {},
    });
    this.undo = new Y.UndoManager(this.cell, { trackedOrigins: new Set(["user"]), captureTimeout: 0 });
  }

  get shared(): Y.Text {
    return this.hub.getMap("data").get("code") as Y.Text;
  }

  get text(): string {
    return this.cell.toString();
  }

  edit(change: (cell: Y.Text) => void): void {
    this.notebook.transact(() => change(this.cell), "user");
  }

  take(update: Uint8Array): void {
    Y.applyUpdate(this.hub, update, "net");
  }

  expectEqual(): void {
    expect(this.text).toBe(this.shared.toString());
  }
}

function stateOf(text: string): Uint8Array {
  const doc = new Y.Doc();
  doc.getMap("data").set("code", new Y.Text(text));
  return Y.encodeStateAsUpdate(doc);
}

function exchange(...pages: Page[]): void {
  while (pages.some(({ outbox }) => outbox.length))
    for (const page of pages) {
      const update = page.outbox.shift();
      if (update) for (const other of pages) if (other !== page) other.take(update);
    }
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

describe("a cell and its shared text", () => {
  let [alice, bob]: Page[] = [];

  beforeEach(() => {
    const state = stateOf("def f(n):\n    return n\n");
    [alice, bob] = [new Page(state), new Page(state)];
  });

  test("begin with the hub's text", () => {
    expect(alice?.text).toBe("def f(n):\n    return n\n");
    expect(alice?.outbox).toEqual([]);
  });

  test("follow each other", () => {
    alice?.edit((cell) => cell.insert(0, "# a\n"));
    exchange(alice as Page, bob as Page);
    bob?.edit((cell) => cell.delete(0, 2));
    exchange(alice as Page, bob as Page);

    expect(alice?.text).toBe("a\ndef f(n):\n    return n\n");
    expect(bob?.text).toBe(alice?.text);
  });

  test("an undo takes back one's own, and the others' stays", () => {
    alice?.edit((cell) => cell.insert(0, "mine "));
    exchange(alice as Page, bob as Page);
    bob?.edit((cell) => cell.insert(0, "yours "));
    exchange(alice as Page, bob as Page);
    alice?.undo.undo();
    exchange(alice as Page, bob as Page);

    expect(bob?.text).toBe("yours def f(n):\n    return n\n");
    expect(alice?.text).toBe(bob?.text);
  });

  test("a comment over several lines is several edits: what stands between stays its author's", () => {
    bob?.edit((cell) => cell.insert(14, "BOB"));
    exchange(alice as Page, bob as Page);
    alice?.edit((cell) => {
      const text = cell.toString().replace(/^/gm, "# ");
      cell.delete(0, cell.length);
      cell.insert(0, text);
    });
    exchange(alice as Page, bob as Page);
    bob?.undo.undo();
    exchange(alice as Page, bob as Page);

    expect(alice?.text).not.toContain("BOB");
    expect(alice?.text.startsWith("# def")).toBe(true);
    expect(bob?.text).toBe(alice?.text);
  });

  test("a reader's edit is taken back, with a word why", async () => {
    const [reader] = [alice as Page];
    reader.isWritable = false;
    reader.edit((cell) => cell.insert(0, "hack"));
    await settled();

    reader.expectEqual();
    expect([reader.notTaken, reader.outbox]).toEqual([["read-only"], []]);
  });

  test("line ends become line feeds, and what cannot be kept is left out, in both", async () => {
    const page = alice as Page;
    page.edit((cell) => cell.insert(0, "a\r\nb\0c\ud800"));
    await settled();

    expect(page.text.startsWith("a\nbc\ufffd")).toBe(true);
    page.expectEqual();
    expect(page.notTaken).toEqual(["cleaned"]);
  });

  test("more than a document may hold is not taken, and nothing is lost", async () => {
    const page = alice as Page;
    const before = page.text;
    page.edit((cell) => cell.insert(0, "x".repeat(LIVE_TEXT_BYTES)));
    await settled();

    expect(page.text).toBe(before);
    expect([page.notTaken, page.outbox]).toEqual([["too-large"], []]);
  });

  test("a long text is sent in pieces", () => {
    const page = alice as Page;
    page.edit((cell) => cell.insert(0, "x".repeat(350_000)));

    expect(page.outbox.length).toBeGreaterThan(3);
    page.expectEqual();
  });

  test("formats and pictures that others put into a text are shown as signs", () => {
    const page = alice as Page;
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(page.hub));
    const text = other.getMap("data").get("code") as Y.Text;
    text.insertEmbed(0, { image: "x" });
    text.insert(1, "bold", { bold: true });
    page.take(Y.encodeStateAsUpdate(other));

    expect(page.text.startsWith("\ufffcbold")).toBe(true);
    expect(page.cell.length).toBe(page.shared.length);
    expect(page.outbox).toEqual([]);
  });

  test("nothing is exchanged any more when it is disposed of", () => {
    const page = alice as Page;
    page.bridge.dispose();
    page.edit((cell) => cell.insert(0, "mine"));
    page.take(stateOf("other"));

    expect(page.outbox).toEqual([]);
    expect(page.text.startsWith("mine")).toBe(true);
  });
});

test.each([1, 2, 3, 4, 5, 6])(
  "two pages agree after whatever both have done, undo included: run %i",
  (seed) => {
    let state = seed;
    const random = (below: number) => {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      return Math.floor((state / 0x7fffffff) * below);
    };
    const start = stateOf("def f(n):\n    return n\n");
    const pages = [new Page(start), new Page(start)];
    const deliver = () => {
      const from = random(2);
      const update = pages[from]?.outbox.shift();
      if (update) pages[1 - from]?.take(update);
    };
    for (let step = 0; step < 1_500; step += 1) {
      const page = pages[random(2)] as Page;
      // Editors know whole characters only.
      const place = () => [...page.text].slice(0, random([...page.text].length + 1)).join("").length;
      const isLong = page.cell.length > 4;
      const kind = random(12);
      if (kind < 5) page.edit((cell) => cell.insert(place(), ["ab\n", "x", "😀", "# "][random(4)] ?? ""));
      else if (kind < 7 && isLong)
        page.edit((cell) => {
          const [from = 0, to = 0] = [place(), place()].sort((a, b) => a - b);
          cell.delete(from, to - from > 12 ? 0 : to - from);
        });
      else if (kind === 7)
        page.edit((cell) => {
          const tidy = [...cell.toString().replace(/#+/g, "")].slice(0, 400).join("");
          cell.delete(0, cell.length);
          cell.insert(0, tidy);
        });
      else if (kind === 8) page.undo.undo();
      else if (kind === 9) page.undo.redo();
      else deliver();
      for (const one of pages) expect(one.cell.length).toBe(one.shared.length);
    }
    exchange(...pages);

    expect(pages[0]?.text).toBe(pages[1]?.text);
    for (const page of pages) page.expectEqual();
    expect(pages.map(({ bridge }) => bridge.repairs)).toEqual([0, 0]);
  },
);

describe("while somebody composes", () => {
  test("what others do waits, and what is typed meanwhile is carried over it", () => {
    const ada = new Page(stateOf("greeting = ''"), "greeting = ''");
    const other = new Page(Y.encodeStateAsUpdate(ada.hub));
    ada.isComposing = true;
    ada.edit((cell) => cell.insert(12, "k"));
    other.edit((cell) => cell.insert(0, "my_"));
    other.edit((cell) => cell.insert(cell.length, "  # bob"));
    exchange(ada, other);
    const shown = ada.text;
    ada.edit((cell) => cell.applyDelta([{ retain: 12 }, { delete: 1 }, { insert: "今日は" }]));
    other.edit((cell) => cell.insert(0, "!"));
    exchange(ada, other);
    ada.isComposing = false;
    ada.bridge.release();

    expect(shown).toBe("greeting = 'k'");
    expect(ada.text).toBe("!my_greeting = '今日は'  # bob");
    expect([other.text, ada.bridge.repairs]).toEqual([ada.text, 0]);
    ada.expectEqual();
  });

  test("two pages agree in the end whatever both do", () => {
    for (let round = 0; round < 60; round += 1) {
      const ada = new Page(stateOf("start of it"), "start of it");
      const bob = new Page(Y.encodeStateAsUpdate(ada.hub));
      for (let step = 0; step < 12; step += 1) {
        ada.isComposing = Math.random() < 0.7;
        ada.bridge.release();
        for (const page of [ada, bob])
          page.edit((cell) => {
            const at = Math.floor(Math.random() * (cell.length + 1));
            if (Math.random() < 0.4 && at < cell.length) cell.delete(at, Math.min(3, cell.length - at));
            else cell.insert(at, `${step}`);
          });
        exchange(ada, bob);
      }
      ada.isComposing = false;
      ada.bridge.release();
      expect([ada.text, ada.bridge.repairs]).toEqual([bob.text, 0]);
      ada.expectEqual();
    }
  });
});
