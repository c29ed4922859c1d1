// A cell of a notebook, the hub that its document is at, and the browser's store of unsent edits.
import { afterEach, beforeEach, vi } from "vitest";
import * as Y from "yjs";
import { describeCell, stateOf } from "../../src/cells/cell-state";
import type { LiveCellOptions } from "../../src/cells/cell-text";
import { LiveCell } from "../../src/cells/live-cell";
import type { Mark, WantedMain } from "../../src/cells/mark";
import { type Hub, OpenDocuments } from "../../src/cells/open-documents";
import { Refusal } from "../../src/cells/refusal";
import type { EditStore, KeptEdits } from "../../src/cells/unsent-store";
import { FakeHub } from "../fake-hub";

export const MARK: Mark = { document: "fib", type: "code", shared: true };

export class MemoryStore implements EditStore {
  readonly kept = new Map<string, KeptEdits>();
  readonly others: KeptEdits[] = [];

  async keep(document: string, user: string, edits: KeptEdits | null) {
    if (edits) this.kept.set(`${document} ${user}`, edits);
    else this.kept.delete(`${document} ${user}`);
  }

  async left(): Promise<[KeptEdits, () => Promise<void>][]> {
    return this.others.map((edits) => [edits, async () => void this.others.splice(0)]);
  }
}

/** The hub's REST, beside the sockets of a `FakeHub`. */
export class Server implements Hub {
  readonly hub = new FakeHub();
  line = this.hub.line();
  readonly wanted: WantedMain[] = [];
  /** What documents were to hold instead. */
  readonly replaced: unknown[] = [];
  /** What the document's record holds; undefined for its text. */
  data: unknown = undefined;
  store = new MemoryStore();
  /** The documents of one page. */
  documents = new OpenDocuments(this, this.store);
  failure: Error | null = null;
  /** Of the document's record; 0 where it does not matter. */
  revision = 0;
  sharing = { sharedAccess: "None_DocumentRoot", isConfirmed: true };
  /** Who asks. */
  user = "u1";

  constructor(text: string) {
    const doc = new Y.Doc();
    doc.getMap("data").set("code", new Y.Text(text));
    this.hub.adopt(doc);
  }

  /** The page is loaded again; what the old one has not sent is lost, but for what it kept in the browser. */
  newPage(...left: KeptEdits[]): void {
    this.line = this.hub.line();
    this.store = new MemoryStore();
    this.store.others.push(...left);
    this.documents = new OpenDocuments(this, this.store);
  }

  async me() {
    if (this.failure) throw this.failure;
    return { id: this.user, name: "Ada" };
  }

  /** The hub is away, or there again. */
  set isAway(isAway: boolean) {
    this.failure = isAway ? new TypeError("Failed to fetch") : null;
    if (isAway) this.hub.die();
    this.hub.isAlive = !isAway;
  }

  async versions() {
    return [
      { number: 2, kind: "edit" as const, createdAt: "2026-01-02T10:00:00.000Z", authors: [{ name: "Ada" }] },
      { number: 1, kind: "start" as const, createdAt: "2026-01-01T10:00:00.000Z", authors: [] },
    ];
  }

  async version(_document: string, number: number): Promise<unknown> {
    if (number > 2) throw new Refusal(`there is no version ${number}`, 404);
    return { code: `text ${number}` };
  }

  async restore() {
    if (this.failure) throw this.failure;
  }

  async openMain(wanted: WantedMain) {
    this.wanted.push(wanted);
    const { revision, sharing } = this;
    return {
      id: "d1",
      sharing,
      ...(revision ? { revision, data: this.data === undefined ? { code: this.hub.text } : this.data } : {}),
    };
  }

  async replace(_document: string, data: Record<string, unknown>, revision: number) {
    this.replaced.push(data);
    if (revision !== this.revision) throw new Refusal("changed meanwhile", 412);
    this.revision += 1;
    this.hub.edit(0, String(data.code ?? ""));
  }
}

export interface Scene {
  server: Server;
  cell: Y.Text;
  live: LiveCell;
  store: MemoryStore;
  undo: { cleared: number };
}

const lives: LiveCell[] = [];

export async function aCell(
  local: string,
  hubs = local,
  options: Partial<LiveCellOptions> & { server?: Server } = {},
): Promise<Scene> {
  const server = options.server ?? new Server(hubs);
  const cell = new Y.Text(local);
  new Y.Doc().getArray("cells").insert(0, [cell]);
  const undo = { cleared: 0 };
  const live = new LiveCell({
    mark: MARK,
    course: "kurs",
    documents: server.documents,
    random: () => 0.5,
    cell: {
      source: cell,
      quietly: (change) => change(),
      clearUndo: () => {
        undo.cleared += 1;
      },
    },
    ...options,
  });
  lives.push(live);
  await settled();
  return { server, cell, live, store: server.store, undo };
}

export const settled = (milliseconds = 100) => vi.advanceTimersByTimeAsync(milliseconds);

export function words({ live }: Scene): string {
  return describeCell(stateOf(live)).words;
}

/** Timers of ours, and no cell that outlives its test. */
export function cellsOfTests(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, "info").mockImplementation(() => {});
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });

  afterEach(() => {
    for (const live of lives.splice(0)) live.dispose();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}
