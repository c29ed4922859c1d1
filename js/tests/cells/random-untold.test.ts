// Whatever happens to a notebook that is opened without the hub: each word that its user has typed is in the shared text
// in the end, or stands beside it; and nobody else's word is gone.
import { beforeAll, describe, expect, test } from "vitest";
import { Browser, type File, type Page } from "./a-browser";
import { cellsOfTests, MARK, Server, settled } from "./a-live-cell";

cellsOfTests();
beforeAll(() => import("../../src/cells/untold-keeping"));

const LINES = ["first", "", "second", "", "third"];
const STEPS = 30;
const RUNS = 50;

/** A generator of numbers below 1 that is the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A notebook in somebody's browser, what they and others do, and the words that were typed. */
class Story {
  readonly server = new Server(LINES.join("\n"));
  readonly browser = new Browser(this.server);
  readonly file: File;
  readonly mine: string[] = [];
  readonly theirs: string[] = [];
  readonly beside: string[] = [];
  private pages: Page[] = [];
  private isAway = true;

  constructor(
    private readonly random: () => number,
    private readonly mostPages: number,
    hasLocks: boolean,
  ) {
    this.browser.hasLocks = hasLocks;
    const text = LINES.join("\n");
    // Of one notebook in three it is not known what its text was made of.
    this.file = { text, mark: random() < 1 / 3 ? MARK : { ...MARK, base: text } };
    this.server.isAway = true;
  }

  async step(): Promise<void> {
    const steps = [
      () => this.type(),
      () => this.type(),
      () => this.open(),
      () => this.close(),
      () => this.save(),
      () => this.others(),
      () => this.away(!this.isAway),
    ];
    await this.pick(steps)?.();
    await settled(this.pick([0, 100, 1_000, 20_000]) ?? 0);
  }

  /** The hub is there for good, and all that was left is opened until nothing is to be decided. */
  async end(): Promise<void> {
    await this.away(false);
    await settled(120_000);
    for (const page of [...this.pages]) await this.shut(page);
    for (let round = 0; round < 40; round += 1) {
      const before = this.beside.length;
      const page = await this.browser.open(this.file);
      await settled(1_000);
      this.decide(page);
      await settled(1_000);
      page.save();
      await this.shut(page);
      if (this.beside.length === before) return;
    }
    throw new Error("there is always something to decide");
  }

  private decide({ live }: Page): void {
    if (!live.aside) return;
    this.beside.push(live.aside.text);
    live.keepTheirs();
  }

  private async type(): Promise<void> {
    const page = this.pick(this.pages);
    if (!page) return;
    const word = `<m${this.mine.length}>`;
    this.mine.push(word);
    await page.type(this.place(page.text), word);
  }

  /** At the end of a line: words are not typed into one another. */
  private place(text: string): number {
    const ends = [...text.matchAll(/$/gm)].map(({ index }) => index);
    return this.pick(ends) ?? text.length;
  }

  private async open(): Promise<void> {
    if (this.pages.length >= this.mostPages) return;
    this.pages.push(await this.browser.open(this.file));
  }

  private async close(): Promise<void> {
    const page = this.pick(this.pages);
    if (page) await this.shut(page);
  }

  private async shut(page: Page): Promise<void> {
    if (page.live.aside) this.beside.push(page.live.aside.text);
    this.pages = this.pages.filter((one) => one !== page);
    await page.close();
  }

  /** A save over what another page has saved is a choice of the user's; here it is what the page has seen. */
  private async save(): Promise<void> {
    this.pick(this.pages)?.save();
  }

  private async others(): Promise<void> {
    const word = `<t${this.theirs.length}>`;
    this.theirs.push(word);
    this.server.hub.edit(this.place(this.server.hub.text), word);
  }

  private async away(isAway: boolean): Promise<void> {
    this.isAway = isAway;
    this.server.isAway = isAway;
  }

  private pick<T>(from: T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)];
  }
}

const count = (text: string, word: string) => text.split(word).length - 1;

describe.each([
  ["one tab at a time", 1, true],
  ["tabs that know of each other", 3, true],
  ["tabs that do not know of each other", 3, false],
])("in %s", (_how, mostPages, hasLocks) => {
  test.each(Array.from({ length: RUNS }, (_, run) => run))("no word is lost: run %i", async (run) => {
    const story = new Story(numbers(run), mostPages, hasLocks);
    for (let step = 0; step < STEPS; step += 1) await story.step();
    await story.end();

    const { text } = story.server.hub;
    const beside = story.beside.join("\n");
    expect(story.theirs.filter((word) => count(text, word) !== 1)).toEqual([]);
    expect(story.mine.filter((word) => count(text, word) === 0 && !beside.includes(word))).toEqual([]);
    // Two tabs that show what one of them has saved may both bring it in.
    if (mostPages === 1) expect(story.mine.filter((word) => count(text, word) > 1)).toEqual([]);
    expect(story.browser.texts).toEqual([]);
    expect(LINES.filter((line) => line && count(text, line) !== 1)).toEqual([]);
  });
});
