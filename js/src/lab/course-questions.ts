// What a person is asked about the live cells of a course, once each.

import { Dialog } from "@jupyterlab/apputils";
import { t } from "../text/words";
import { ask } from "./dialogs";
import { lackingHere, noLiveCellsWords } from "./lacking";

/** Whoever does not want to decide now is left alone for about a school day (ms). */
const LATER = 12 * 60 * 60 * 1_000;

/** Whether what is typed into live cells of a course may go to its hub. “Not now” counts for a while, in all tabs. */
export async function mayGoLive(course: string): Promise<boolean> {
  const key = `teaching_nb not now ${course}`;
  if (Date.now() - Number(localStorage.getItem(key)) < LATER) return false;
  // Nobody is asked for what cannot be.
  if (noLiveCellsWords(await lackingHere())) return false;
  const which = course
    ? t("Some cells are live documents of the course “{course}”.", { course })
    : t("Some cells are live documents.");
  const { button } = await ask({
    title: t("Connect the live cells of this notebook?"),
    body: `${which} ${t("What you type into them goes to the hub of your class, and what others write there appears here. Nothing is run by itself.")}`,
    buttons: [Dialog.cancelButton({ label: t("Not now") }), Dialog.okButton({ label: t("Connect") })],
  });
  if (!button.accept) localStorage.setItem(key, String(Date.now()));
  return button.accept;
}

/** Whether the teachers of a course may see how runs end. */
export async function mayShowRuns(course: string): Promise<boolean> {
  const who = course
    ? t("Your teachers in “{course}” ask for it.", { course })
    : t("Your teachers ask for it.");
  const { button } = await ask({
    title: t("Show your teachers how your runs end?"),
    body: `${who} ${t("When you run one of your own live cells, they see whether it went well, which error it ended with, how long it took, and the beginning of its output: of the last run only.")}`,
    buttons: [Dialog.cancelButton({ label: t("Don't show") }), Dialog.okButton({ label: t("Show") })],
    defaultButton: 0,
  });
  return button.accept;
}
