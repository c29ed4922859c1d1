// Parts of the extension that few need are loaded when they are shown.

import { Notification } from "@jupyterlab/apputils";
import { t } from "../text/words";

/** A part that is loaded now; where that fails, the user is told, and so is who asked. */
export async function loaded<T>(part: Promise<T>): Promise<T> {
  try {
    return await part;
  } catch (error) {
    Notification.error(
      t(
        "A part of teaching_nb could not be loaded: the Jupyter server did not answer, or has another version by now. Save your work and reload the page.",
      ),
      { autoClose: false },
    );
    throw error;
  }
}
