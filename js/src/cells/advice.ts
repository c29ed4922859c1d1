// What somebody can do about a cell that the hub does not let them have; loaded when it says so. Pure.

import { NEVER_OFFERED } from "../schema/hub_kinds";
import { t } from "../text/words";
import { NO_TEXT } from "./refusal";

const UNAUTHORIZED = 401;

/**
 * `status` and `code` are those of the hub's answer, `name` that of the document; `canType` says whether the user can go
 * on typing into the cell.
 */
export function adviceFor(status: number, name: string, canType: boolean, code = ""): string {
  if (code === NEVER_OFFERED)
    return t(
      "What you type is in this notebook only. A widget such as tnb.code({where}) shows the document, and “No longer live”, below “Live Cell…” in the menu of this cell, makes it an ordinary cell.",
      { where: JSON.stringify(name) },
    );
  const kept = canType ? t("Until then what you type is in this notebook only.") : "";
  return `${step(status, name)} ${kept}`.trim();
}

/** The same for whoever watches a document of somebody else beside the notebook. */
export function adviceForWatching(status: number): string {
  switch (status) {
    case UNAUTHORIZED:
      return signIn();
    case 403:
    case 404:
      return t(
        "Choose the person in the panel “Class” again: the list shows what there is now, and what you may see.",
      );
    case 400:
    case NO_TEXT:
      return t(
        "Another program has stored something here that is no text, and it is never rewritten. “tnb.rooms()” in a notebook shows what is stored, and its author can replace it in Python.",
      );
    default:
      return "";
  }
}

const signIn = () => t("Sign in to Jupyter again, and load this page anew.");

function step(status: number, name: string): string {
  switch (status) {
    case UNAUTHORIZED:
      return signIn();
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
    case NO_TEXT:
      return t(
        "Another program has stored something in “{name}” that is no text, and it is never rewritten: its author can replace it in Python, by assigning {where}. Or choose another name with “Live Cell…” in the menu of this cell.",
        { name, where: `tnb.document(${JSON.stringify(name)}).data` },
      );
    default:
      // The hub's own words say it, such as that there are too many documents.
      return "";
  }
}
