// Courses whose live cells this person exchanges with the hub. A notebook that somebody has sent asks once.
import { Dialog, showDialog } from "@jupyterlab/apputils";
import type { ISettingRegistry } from "@jupyterlab/settingregistry";

/** A setting, so that people find it and can take it back. */
const KEY = "courses";

export class Courses {
  /** Asked for at the moment; one question for all notebooks that open at once. */
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(private readonly settings: Promise<ISettingRegistry.ISettings>) {}

  /** Whether notebooks of a course may go live: known already, or the user says so now. */
  async ask(course: string): Promise<boolean> {
    if ((await this.known()).includes(course)) return true;
    const answer = this.asking.get(course) ?? this.put(course);
    this.asking.set(course, answer);
    return answer;
  }

  async remember(course: string): Promise<void> {
    const known = await this.known();
    if (!known.includes(course)) await (await this.settings).set(KEY, [...known, course]);
  }

  private async put(course: string): Promise<boolean> {
    const which = course ? `of the course “${course}”` : "of a course without a name";
    const { button } = await showDialog({
      title: "Connect the live cells of this notebook?",
      body:
        `Some cells are live documents ${which}. What you type into them goes to the hub of your class, and what others ` +
        "write there appears here. Nothing is run by itself.",
      buttons: [Dialog.cancelButton({ label: "Not now" }), Dialog.okButton({ label: "Connect" })],
    });
    this.asking.delete(course);
    if (button.accept) await this.remember(course);
    return button.accept;
  }

  private async known(): Promise<string[]> {
    const known = (await this.settings).get(KEY).composite;
    return Array.isArray(known) ? known.filter((course): course is string => typeof course === "string") : [];
  }
}
