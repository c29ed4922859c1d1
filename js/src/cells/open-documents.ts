// The documents that cells of this page follow. Two cells of one document share one text, in whatever notebooks they
// stand: texts of their own would each send what the other one has got from it.
import type * as Y from "yjs";
import { isObject } from "../document/objects";
import type { HubLine } from "../live/hub-line";
import type { ListedVersion } from "./hub-past";
import { type Mark, TEXT_KEYS, type Type, type WantedMain, wantedMain } from "./mark";
import { type Left, OpenDocument, type Opened, type User } from "./open-document";
import { type AsideText, bothAside } from "./reconcile";
import { Refusal } from "./refusal";
import type { EditStore } from "./unsent-store";
import { Untold, type UntoldTexts } from "./untold";

/** What of the hub's REST is used. Rejects with `Refusal`, and with other errors when nobody answers. */
export interface Hub {
  line: HubLine;
  /** Who the user is at the hub. */
  me(): Promise<User>;
  openMain(wanted: WantedMain): Promise<Opened>;
  /** Versions of a document, newest first. */
  versions(document: string): Promise<ListedVersion[]>;
  /** The data of one version. */
  version(document: string, number: number): Promise<unknown>;
  restore(document: string, number: number): Promise<void>;
  /** Replace the data of a document, if it is of this revision still. */
  replace(document: string, data: Record<string, unknown>, revision: number): Promise<void>;
}

export type { User } from "./open-document";

export interface FormerCell {
  text: string;
  /** What the hub had when the cell had this text, without what had not come to the hub's text yet. */
  base: string | undefined;
  /** The text that counts when it is undoing that brings the cell back. */
  made: string;
  /** A version of the user's that could not be merged. */
  aside: AsideText | null;
}

/** So many former texts of a document are known again. */
const MOST_FORMER = 20;

export class OpenDocuments {
  /** By what a cell says of it, or by its id. */
  private readonly open = new Map<string, OpenDocument>();
  private readonly former = new Map<string, Map<string, FormerCell>>();
  private readonly asides = new Map<string, AsideText>();

  constructor(
    private readonly hub: Hub,
    private readonly store: EditStore | null,
    private readonly now?: () => number,
    private readonly untold: UntoldTexts | null = null,
  ) {}

  /** What is typed into a cell before its document is here; null where nothing can be kept. */
  untoldOf(mark: Mark, course: string, source: Y.Text, base: string | undefined): Untold | null {
    return this.untold && new Untold(this.untold, keyOf(mark, course), source, base);
  }

  /** The document of a mark, if a cell of this page follows it or did so just now. */
  find(mark: Mark, course: string): OpenDocument | null {
    return this.open.get(keyOf(mark, course))?.use() ?? null;
  }

  /** Open the document of a mark. `init` is the text that it gets if it does not exist yet. */
  async take(mark: Mark, course: string, init: string): Promise<OpenDocument> {
    const me = await this.hub.me();
    const wanted = wantedMain(mark, course, init);
    const opened = await this.hub.openMain(wanted);
    if (init && mark.base === undefined) await this.begin(opened, wanted.data);
    const left = await this.leftEdits(opened.id, me.id);
    const key = keyOf(mark, course);
    // Another cell may have been faster, or somebody watches it.
    const known = this.open.get(key) ?? this.withId(opened.id);
    const document = known ?? this.made({ me, opened, left, key: TEXT_KEYS[mark.type] });
    this.open.set(key, document);
    return document.use();
  }

  /** Open a document by its id: somebody else's, which no cell of this notebook names. */
  async watch(id: string, type: Type): Promise<OpenDocument> {
    const me = await this.hub.me();
    const left = await this.leftEdits(id, me.id);
    const document = this.withId(id) ?? this.made({ me, opened: { id }, left, key: TEXT_KEYS[type] });
    this.open.set(id, document);
    return document.use();
  }

  /** A cell of the document has gone: when it comes back, by paste or undo, that is no edit. */
  remember(mark: Mark, course: string, cell: FormerCell): void {
    const key = keyOf(mark, course);
    const aside = bothAside(this.asides.get(key) ?? null, cell.aside);
    if (aside) this.asides.set(key, aside);
    const former = this.former.get(key) ?? new Map<string, FormerCell>();
    former.delete(cell.text);
    former.set(cell.text, cell);
    const [oldest] = former.keys();
    if (former.size > MOST_FORMER && oldest !== undefined) former.delete(oldest);
    this.former.set(key, former);
  }

  /** A cell that has gone and held this text. */
  formerCell(mark: Mark, course: string, text: string): FormerCell | undefined {
    return this.former.get(keyOf(mark, course))?.get(text);
  }

  /** The version of the user's that a cell which has gone kept beside the shared text. */
  takeAside(mark: Mark, course: string): AsideText | null {
    const key = keyOf(mark, course);
    const aside = this.asides.get(key) ?? null;
    this.asides.delete(key);
    return aside;
  }

  /**
   * A document into which nobody has ever written, for a program has named it before any cell did: it gets its first
   * text as if it were made now, from one of those who open it.
   */
  private async begin({ data, id, revision }: Opened, first: Record<string, string>): Promise<void> {
    // What another program has stored and is no text is not rewritten, nor are keys that only it knows.
    if (revision !== 1 || !isObject(data)) return;
    if (!Object.keys(first).every((key) => (data[key] ?? "") === "" && data[key] !== null)) return;
    try {
      await this.hub.replace(id, { ...data, ...first }, revision);
    } catch (error) {
      // Somebody else was faster, or may write here alone: their text counts.
      if (!(error instanceof Refusal)) throw error;
    }
  }

  private withId(id: string): OpenDocument | undefined {
    return [...this.open.values()].find(({ opened }) => opened.id === id);
  }

  private made(options: { me: User; opened: Opened; left: Left[]; key: string }): OpenDocument {
    const document: OpenDocument = new OpenDocument({
      ...options,
      line: this.hub.line,
      store: this.store,
      onDone: () => this.forget(document),
      ...(this.now ? { now: this.now } : {}),
    });
    return document;
  }

  private forget(gone: OpenDocument): void {
    for (const [name, document] of this.open) if (document === gone) this.open.delete(name);
  }

  private async leftEdits(document: string, user: string): Promise<Left[]> {
    try {
      return (await this.store?.left(document, user)) ?? [];
    } catch (error) {
      console.info("teaching_nb: edits of earlier pages cannot be read", error);
      return [];
    }
  }
}

function keyOf({ document, type, shared }: Mark, course: string): string {
  return JSON.stringify([course, document, type, shared]);
}
