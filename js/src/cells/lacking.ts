// What is said in the panel “Class” in the place of what the hub does not offer. Pure.

import { DOCUMENT_LISTS, NO_LISTS, PRESENCE } from "../schema/hub_kinds";
import { sentence } from "../text/sentence";
import { t } from "../text/words";

/** Why nobody's documents can be listed; empty where they can. */
export function noListWords(lacking: readonly string[]): string {
  if (!lacking.includes(DOCUMENT_LISTS)) return "";
  return sentence(NO_LISTS);
}

/** Whether the counts of a person's room may hold somebody else, and are told to few. */
export function hasNoPresence(lacking: readonly string[]): boolean {
  return lacking.includes(PRESENCE);
}

export function peopleWords(count: number): string {
  return t("1 person|{count} people", { count });
}
