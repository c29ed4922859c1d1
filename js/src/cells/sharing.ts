// What to tell somebody whose mark asks for something else than how a document is shared. The sentences are those of
// client/documents/sharing.py. Pure.

import { said, t } from "../text/words";
import type { Shared } from "./mark";
import type { Opened } from "./open-document";

type Kind = "RW" | "RO" | "None";

const OTHERWISE: Record<string, string> = {
  "RW RO": "Your teacher has made this a hand-out: everybody reads it, only teachers change it.",
  "RO RW": "Your teacher lets everybody change this text.",
  "RW None": "This text is not shared with others at the moment.",
  "RO None": "This text is not shared with others at the moment.",
  "None RO": "Others can read what you write here.",
  "None RW": "Others can read and change what you write here.",
};

/** One sentence; empty where all is as the mark says. */
export function sharingNotice(shared: Shared, sharing: Opened["sharing"]): string {
  if (!sharing) return "";
  if (sharing.keptPrivate)
    return t("Not shared: others have texts of their own under this name, which everybody would see.");
  const [asked, present] = [kindAsked(shared), kindOf(sharing.sharedAccess)];
  if (asked !== present) return said(OTHERWISE[`${asked} ${present}`] ?? "");
  if (!sharing.isElsewhere) return "";
  return asked === "None"
    ? t("Your teacher has opened this name as a text that is shared. This is your own text.")
    : t("Your teacher has since opened this name for everybody's own text.");
}

/** Whether others than teachers can see what is written here, whatever the mark asks for. */
export function isOpenToOthers(sharing: Opened["sharing"]): boolean {
  return sharing !== undefined && kindOf(sharing.sharedAccess) !== "None";
}

function kindAsked(shared: Shared): Kind {
  if (shared === false) return "None";
  return shared === "read" ? "RO" : "RW";
}

function kindOf(access: string): Kind {
  if (access.startsWith("RW")) return "RW";
  return access.startsWith("RO") ? "RO" : "None";
}
