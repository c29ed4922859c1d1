// What the kernel knows of names. Asked while somebody types, so one question at a time, and none is waited for
// longer than a list may take: a kernel that runs a cell answers when nobody wants to know any more.
import { type Channel, Refused } from "../../jupyter/channel";

export interface KnownName {
  text: string;
  /** What IPython calls it: function, instance, module, path … */
  type: string;
}

/** Names that may stand between two places of a text. */
export interface Names {
  from: number;
  to: number;
  names: KnownName[];
}

export interface Wish {
  /** Whether the user has asked, and waits; else a list must not lag behind their typing. */
  isAsked: () => boolean;
  /** Whether the answer could still be shown. */
  isWanted: () => boolean;
}

/** Milliseconds that a list may take while somebody types. */
const WHILE_TYPING = 400;
/** Whoever asked waits for a kernel that runs nothing: its first answer may take seconds on a slow machine. */
const WHEN_ASKED = 5_000;

/** Such a text takes the kernel too long, and the road to it too. */
const LONGEST = 200_000;

export class KernelNames {
  /** Ends when the question that is under way has its answer. */
  private last: Promise<unknown> = Promise.resolve();
  /** Nobody waits for the question that is under way any more. */
  private isLate = false;

  /** `isBusy` tells whether the kernel runs something, as far as is known. */
  constructor(
    private readonly channel: Channel,
    private readonly isBusy: () => boolean,
  ) {}

  /** The names that fit at a place; null when the kernel says none in time. */
  at(text: string, place: number, { isAsked, isWanted }: Wish): Promise<Names | null> {
    if (!this.mayAnswer(isAsked()) || text.length > LONGEST) return Promise.resolve(null);
    const asked = this.last.then(() => (isWanted() ? this.ask(text, place) : null));
    this.last = asked.catch(() => null);
    return Promise.race([asked, this.lateness(isAsked)]);
  }

  private mayAnswer(isAsked: boolean): boolean {
    if (this.channel.isClosed) return false;
    return !this.isLate || (isAsked && !this.isBusy());
  }

  /** Null after a while, unless the question that has been asked last is answered before. */
  private lateness(isAsked: () => boolean): Promise<null> {
    const since = Date.now();
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const isShort = Date.now() - since < WHEN_ASKED;
        if (isAsked() && isShort && !this.isBusy()) return;
        clearInterval(timer);
        this.isLate = true;
        resolve(null);
      }, WHILE_TYPING);
      void this.last.then(() => {
        clearInterval(timer);
        this.isLate = false;
      });
    });
  }

  private async ask(code: string, place: number): Promise<Names | null> {
    try {
      const { value } = await this.channel.ask("complete", { code, position: characters(code, place) });
      return namesIn(code, value);
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }
}

/** Python counts characters, the editor their units. */
function characters(text: string, units: number): number {
  return [...text.slice(0, units)].length;
}

function units(text: string, characters: number): number {
  return [...text].slice(0, characters).join("").length;
}

function namesIn(code: string, value: unknown): Names {
  const { start, end, names } = value as { start: number; end: number; names: KnownName[] };
  return { from: units(code, start), to: units(code, end), names };
}
