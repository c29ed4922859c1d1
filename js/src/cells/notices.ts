// What is said in a notification about cells of a notebook. Pure.
//
// JupyterLab shows the first 140 characters of a notification and nothing of the rest: what may be long stands last.
import { t } from "../text/words";

/** JupyterLab's own collaboration shares the whole notebook, and two bridges would double what is typed. */
export const sharedAlready = () =>
  t(
    "JupyterLab's collaboration shares this whole notebook, so its live cells stay ordinary ones. teaching_nb.code(…) shows a document live.",
  );

/** A copy of a live cell had another text than the document: it is not followed, so that nothing of it is lost. */
export function noLongerLive(name: string): string {
  return t(
    "A cell with another text is your own now and no longer live: another cell is live already as “{name}”.",
    { name },
  );
}

/** Of so many cells; the reason is that of the first. */
export function cannotBeLive(reason: string, count = 1): string {
  return t("A cell cannot be live: {reason}.|{count} cells cannot be live, one of them because {reason}.", {
    reason,
    count,
  });
}

/** Said as long as it is so. */
export const sharesRuns = () => t("Your teachers see your last run.");
