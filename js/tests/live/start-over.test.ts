// The kernel starts over while edits of the page are on their way: whatever was stored, each is in the text once.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as Y from "yjs";
import { Channel } from "../../src/jupyter/channel";
import { LiveText } from "../../src/live/live-text";
import type { KernelFacts } from "../../src/live/live-text-options";
import { FakeHub } from "../fake-hub";
import { FakeKernel } from "../fake-kernel";
import { FakeModel } from "../fake-model";

let stop: AbortController;
let numbers = 0;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(console, "info").mockImplementation(() => {});
  stop = new AbortController();
});

afterEach(() => {
  stop.abort();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function settled(milliseconds = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

/** What can happen before the kernel starts over, and in which order. */
type Step =
  | "type" // the edit is on its way to the hub
  | "store" // the hub stores it; what it answers is lost if the lane has ended
  | "tell" // the kernel hears of all that the hub has
  | "silence" // the page gives up waiting for the hub, and the lane ends
  | "busy" // the kernel hears nothing of the page until it works again
  | "work"
  | "forge" // somebody writes under the page's client id
  | "overwrite" // somebody writes more under it than the page has, and the hub does not get what is under way
  | "renew"; // the kernel starts over, for its own names are taken

class World {
  readonly words: string[] = [];
  private readonly hub: FakeHub;
  private readonly kernel: FakeKernel;
  private readonly page: LiveText;
  private readonly said: KernelFacts;

  constructor() {
    numbers += 1;
    const document = `s${numbers}`;
    this.said = { offer: { document, epoch: 0, user: "u1" }, saveState: "saved", hasUnsaved: false };
    const model = new FakeModel();
    this.hub = new FakeHub(document);
    this.kernel = new FakeKernel(model, "start;");
    this.hub.adopt(this.kernel.doc);
    this.kernel.hub = this.hub.doc;
    const me = () => ({ id: "u1", name: "Ada" });
    const channel = new Channel(model, stop.signal);
    const facts = () => this.said;
    this.page = new LiveText({
      channel,
      key: "code",
      signal: stop.signal,
      me,
      line: this.hub.line(),
      kernel: facts,
    });
  }

  async play(steps: Step[]): Promise<void> {
    this.page.open();
    await settled();
    expect(this.page.hasLane).toBe(true);
    for (const step of steps) {
      await this.take(step);
      await settled(60);
    }
    this.kernel.work();
    this.hub.answer();
    for (let round = 0; round < 5; round += 1) {
      this.kernel.hear(this.hub.doc);
      this.said.offer = { ...this.said.offer, epoch: this.kernel.epoch };
      this.page.considerLane();
      await settled(30_000);
      this.hub.adopt(this.kernel.doc);
    }
  }

  /** How often which word is in the hub's text. */
  get stored(): Record<string, number> {
    expect(this.page.text?.toString()).toBe(this.hub.text);
    return Object.fromEntries(this.words.map((word) => [word, this.hub.text.split(word).length - 1]));
  }

  private async take(step: Step): Promise<void> {
    const { hub, kernel, page } = this;
    if (step === "type") {
      hub.isSlow = true;
      const word = `word${this.words.length};`;
      this.words.push(word);
      const text = page.text as Y.Text;
      text.insert(text.length, word);
    } else if (step === "store") hub.answer();
    else if (step === "tell") kernel.hear(hub.doc);
    else if (step === "silence") await settled(5_100);
    else if (step === "busy") kernel.isBusy = true;
    else if (step === "work") kernel.work();
    else if (step === "forge") hub.forge(page.doc.clientID, 0, "#");
    else if (step === "overwrite") {
      hub.die();
      hub.forge(page.doc.clientID, 0, "# somebody else's;");
      hub.isAlive = true;
    } else kernel.renew();
  }
}

/** Every way to put so many of these one after the other. */
function* orders(steps: Step[], length: number): Generator<Step[]> {
  if (length === 0) yield [];
  else for (const step of steps) for (const rest of orders(steps, length - 1)) yield [step, ...rest];
}

const STEPS: Step[] = ["type", "store", "tell", "silence", "busy", "work", "renew"];

test.each<[Step[]]>([
  [["type", "store", "renew"]],
  [["type", "silence", "renew", "store"]],
  [["type", "busy", "silence", "store", "renew"]],
  [["type", "renew", "store"]],
  [["type", "type", "busy", "silence", "store", "forge", "renew"]],
  [["type", "type", "busy", "silence", "store", "forge", "type", "renew", "work"]],
  [["type", "type", "store", "forge", "type"]],
  [["type", "busy", "overwrite", "silence", "work"]],
])("an edit is in the text once: %s", async (steps) => {
  expect(await wrong(steps)).toEqual([]);
});

test("every edit is in the text once, whatever happens in whatever order", async () => {
  const found: string[] = [];
  for (const rest of orders(STEPS, 3)) {
    const steps: Step[] = ["type", ...rest];
    if (rest.includes("renew") && (await wrong(steps)).length) found.push(steps.join(" "));
  }
  expect(found).toEqual([]);
}, 60_000);

/** The words that are not in the hub's text once after these steps. */
async function wrong(steps: Step[]): Promise<string[]> {
  const world = new World();
  await world.play(steps);
  const { stored } = world;
  stop.abort();
  stop = new AbortController();
  return Object.keys(stored).filter((word) => stored[word] !== 1);
}
