// Courses whose live cells this person exchanges with the hub. A notebook that somebody has sent asks once.

import { Dialog } from "@jupyterlab/apputils";
import type { ISettingRegistry } from "@jupyterlab/settingregistry";
import { t } from "../text/words";
import { ask } from "./dialogs";

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
    if ((await this.known()).includes(course)) return true;
    const answer = this.asking.get(course) ?? this.put(course);
    this.asking.set(course, answer);
    return answer;
  }

  /** Whether teachers of a course may see how the user's runs end: the user has said so, or says it now. */
  async askForRuns(course: string): Promise<boolean> {
    const known = await this.knownRuns();
    if (course in known) return known[course] === true;
    const asked = this.askingForRuns.get(course) ?? this.putRuns(course);
    this.askingForRuns.set(course, asked);
    return asked;
  }

  async remember(course: string): Promise<void> {
    const known = await this.known();
    if (!known.includes(course)) await (await this.settings).set(KEY, [...known, course]);
  }

  private async put(course: string): Promise<boolean> {
    const which = course
      ? t("Some cells are live documents of the course “{course}”.", { course })
      : t("Some cells are live documents.");
    const { button } = await ask({
      title: t("Connect the live cells of this notebook?"),
      body: `${which} ${t("What you type into them goes to the hub of your class, and what others write there appears here. Nothing is run by itself.")}`,
      buttons: [Dialog.cancelButton({ label: t("Not now") }), Dialog.okButton({ label: t("Connect") })],
    });
    this.asking.delete(course);
    if (button.accept) await this.remember(course);
    return button.accept;
  }

  private async putRuns(course: string): Promise<boolean> {
    const who = course
      ? t("Your teachers in “{course}” ask for it.", { course })
      : t("Your teachers ask for it.");
    const { button } = await ask({
      title: t("Show your teachers how your runs end?"),
      body: `${who} ${t("When you run one of your own live cells, they see whether it went well, which error it ended with, how long it took, and the beginning of its output: of the last run only.")}`,
      buttons: [Dialog.cancelButton({ label: t("Don't show") }), Dialog.okButton({ label: t("Show") })],
      defaultButton: 0,
    });
    this.askingForRuns.delete(course);
    const runs = { ...(await this.knownRuns()), [course]: button.accept };
    await (await this.settings).set(RUNS_KEY, runs);
    return button.accept;
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
