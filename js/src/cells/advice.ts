// What somebody can do about a cell that the hub does not let them have; loaded when it says so. Pure.

import { t } from "../text/words";

const UNAUTHORIZED = 401;

/** `status` is that of the hub's answer, `name` that of the document; whether the user can go on typing into the cell. */
export function adviceFor(status: number, name: string, canType: boolean): string {
  const kept = canType ? t("Until then what you type is in this notebook only.") : "";
  return `${step(status, name)} ${kept}`.trim();
}

function step(status: number, name: string): string {
  switch (status) {
    case UNAUTHORIZED:
      return t("Sign in to Jupyter again, and load this page anew.");
    case 403:
    case 404:
      return t(
        "Ask your teacher to open “{name}” to you, or choose another name with “Live Cell…” in the menu of this cell.",
        { name },
      );
    case 400:
      return t(
        "The hub cannot take “{name}”: choose another name with “Live Cell…” in the menu of this cell.",
        { name },
      );
    default:
      // The hub's own words say it, such as that there are too many documents.
      return "";
  }
}
