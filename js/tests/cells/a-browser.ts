// What a browser keeps for the pages of one origin, and its pages: each opens a notebook of one live cell.
import type { LiveCell } from "../../src/cells/live-cell";
import type { Mark } from "../../src/cells/mark";
import { OpenDocuments } from "../../src/cells/open-documents";
import type { EditStore, KeptEdits } from "../../src/cells/unsent-store";
import { UntoldTexts } from "../../src/cells/untold";
import type { UntoldStore, UntoldText } from "../../src/cells/untold-store";
import { aCell, MARK, type Scene, type Server, settled } from "./a-live-cell";

/** A notebook's file with one live cell. */
export interface File {
  text: string;
  mark: Mark;
}

export class Browser {
  readonly untold = new Map<string, UntoldText>();
  readonly edits = new Map<string, KeptEdits>();
  readonly alive = new Set<string>();
  /** Whom the Jupyter server takes the pages' user for; null while it does not answer. */
  user: string | null = "ada";
  /** Whether pages know of each other. */
  hasLocks = true;
  private pages = 0;

  constructor(readonly server: Server) {}

  /** Open a notebook in a page of its own. */
  async open(file: File): Promise<Page> {
    this.pages += 1;
    const name = `page${this.pages}`;
    this.alive.add(name);
    const { server } = this;
    const line = server.hub.line();
    // Everything but the line is one for all pages.
    const hub = Object.create(server, { line: { value: line } }) as Server;
    const texts = new UntoldTexts(new PageUntold(this, name), async () => {
      if (this.user === null) throw new TypeError("Failed to fetch");
      return this.user;
    });
    const documents = new OpenDocuments(hub, new PageEdits(this, name), undefined, texts);
    const page = new Page(this, name, file, documents);
    await page.show();
    return page;
  }

  /** Texts that are kept, whoever has typed them. */
  get texts(): string[] {
    return [...this.untold.values()].flatMap(({ text }) => text || []);
  }
}

export class Page {
  scene!: Scene;
  private mark: Mark;

  constructor(
    private readonly browser: Browser,
    readonly name: string,
    readonly file: File,
    private readonly documents: OpenDocuments,
  ) {
    this.mark = file.mark;
  }

  get live(): LiveCell {
    return this.scene.live;
  }

  get text(): string {
    return this.scene.cell.toString();
  }

  get isOpen(): boolean {
    return this.browser.alive.has(this.name);
  }

  /** Show the file, as opening a panel does. */
  async show(more: Partial<Parameters<typeof aCell>[2]> = {}, text = this.file.text): Promise<void> {
    const { documents, file } = this;
    const { server } = this.browser;
    // Pages ask for the hub each in its own time.
    const random = () => (Number(this.name.slice(4)) * 0.37) % 1;
    this.scene = await aCell(text, "", { server, documents, mark: file.mark, random, ...more });
  }

  async type(at: number, text: string): Promise<void> {
    this.scene.cell.insert(at, text);
    await settled(400);
  }

  /** Save the notebook. */
  save(): void {
    const { file, live } = this;
    live.noteSaved();
    const { aside, base } = live;
    file.text = this.text;
    // Of a cell whose base nobody knows the mark stays as it is in this page, whatever another page has saved.
    if (base !== undefined) this.mark = { ...MARK, base, ...(aside ? { aside: aside.text } : {}) };
    file.mark = this.mark;
  }

  /** Close the tab. */
  async close(): Promise<void> {
    this.live.flush();
    this.live.dispose();
    await settled(1);
    this.browser.alive.delete(this.name);
    // Its connection goes with it.
    await settled(20_000);
  }
}

class PageUntold implements UntoldStore {
  constructor(
    private readonly browser: Browser,
    readonly page: string,
  ) {}

  async left(prefix: string): Promise<[string, UntoldText][]> {
    const { alive, hasLocks, untold } = this.browser;
    const isLiving = (name: string) =>
      hasLocks && [...alive].some((page) => page !== this.page && name.endsWith(` ${page}`));
    return structuredClone(
      [...untold]
        .filter(([name]) => name.startsWith(prefix) && !isLiving(name))
        .sort(([, { at }], [, other]) => other.at - at),
    );
  }

  async keep(name: string, untold: UntoldText): Promise<void> {
    this.browser.untold.set(name, structuredClone(untold));
  }

  async take(name: string, own: string): Promise<UntoldText | null> {
    const { untold } = this.browser;
    const found = untold.get(name);
    untold.delete(name);
    if (found) untold.set(own, found);
    return found ? structuredClone(found) : null;
  }

  async forget(name: string): Promise<void> {
    this.browser.untold.delete(name);
  }
}

class PageEdits implements EditStore {
  constructor(
    private readonly browser: Browser,
    private readonly page: string,
  ) {}

  async keep(document: string, user: string, edits: KeptEdits | null): Promise<void> {
    const key = `${document} ${user} ${this.page}`;
    if (edits) this.browser.edits.set(key, edits);
    else this.browser.edits.delete(key);
  }

  async left(document: string, user: string): Promise<[KeptEdits, () => Promise<void>][]> {
    const { edits } = this.browser;
    return [...edits]
      .filter(([key]) => key.startsWith(`${document} ${user} `) && !key.endsWith(` ${this.page}`))
      .map(([key, kept]) => [kept, async () => void edits.delete(key)]);
  }
}
