// Courses whose live cells this person exchanges with the hub. A notebook that somebody has sent asks once.

import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import { loaded } from "./loaded";

/** Course → whether its teachers may see how runs end; a setting as well. */
const RUNS_KEY = "runs";

/** A setting, so that people find it and can take it back. */
const KEY = "courses";

export class Courses {
  /** Asked for at the moment; one question for all notebooks that open at once. */
  private readonly asking = new Map<string, Promise<boolean>>();
  private readonly askingForRuns = new Map<string, Promise<boolean>>();

  constructor(private readonly settings: Promise<ISettingRegistry.ISettings>) {}

  /** Whether notebooks of a course may go live: known already, or the user says so now. */
  async ask(course: string): Promise<boolean> {
    if (await this.isAllowed(course)) return true;
    return once(this.asking, course, () => this.put(course));
  }

  /** Whether teachers of a course may see how the user's runs end: the user has said so, or says it now. */
  async askForRuns(course: string): Promise<boolean> {
    const known = await this.knownRuns();
    if (course in known) return known[course] === true;
    return once(this.askingForRuns, course, () => this.putRuns(course));
  }

  /** Whether notebooks of a course may go live, as far as the user has said so. */
  async isAllowed(course: string): Promise<boolean> {
    return (await this.known()).includes(course);
  }

  async letsRuns(course: string): Promise<boolean> {
    return (await this.knownRuns())[course] === true;
  }

  /** `listener` is called when the settings have changed, here or in their editor. */
  onChange(listener: () => void): void {
    void this.settings.then((settings) => settings.changed.connect(listener));
  }

  async remember(course: string): Promise<void> {
    const known = await this.known();
    if (!known.includes(course)) await (await this.settings).set(KEY, [...known, course]);
  }

  private async put(course: string): Promise<boolean> {
    const asked = await questions();
    if (!asked) return false;
    const isAgreed = await asked.mayGoLive(course);
    if (isAgreed) await this.remember(course);
    return isAgreed;
  }

  private async putRuns(course: string): Promise<boolean> {
    const asked = await questions();
    if (!asked) return false;
    const isAgreed = await asked.mayShowRuns(course);
    const runs = { ...(await this.knownRuns()), [course]: isAgreed };
    await (await this.settings).set(RUNS_KEY, runs);
    return isAgreed;
  }

  private async knownRuns(): Promise<Record<string, boolean>> {
    const known = (await this.settings).get(RUNS_KEY).composite;
    return typeof known === "object" && known !== null ? (known as Record<string, boolean>) : {};
  }

  private async known(): Promise<string[]> {
    const known = (await this.settings).get(KEY).composite;
    return Array.isArray(known) ? known.filter((course): course is string => typeof course === "string") : [];
  }
}

/** Most people have answered already. Null where they cannot be loaded: nothing is agreed to then. */
function questions(): Promise<typeof import("./course-questions") | null> {
  return loaded(import("./course-questions")).catch(() => null);
}

/** The answer to a question that is put already, else to this one. */
function once(
  asking: Map<string, Promise<boolean>>,
  course: string,
  put: () => Promise<boolean>,
): Promise<boolean> {
  const answer = asking.get(course) ?? put().finally(() => asking.delete(course));
  asking.set(course, answer);
  return answer;
}
