// What the teacher's overview shows, as the kernel sends it. snake_case as the traits.

import type { Model } from "../../jupyter/widget";
import { spokenLanguage } from "../../text/words";

export interface PersonRow {
  id: string;
  name: string;
  role: string;
  /** Whether they are here, as far as that is known. */
  sign: string;
  presence: string;
  is_observed: boolean;
}

export interface GroupRow {
  id: string;
  name: string;
  /** Who is here, as far as that is known. */
  about: string;
  people: PersonRow[];
}

export interface DocumentRow {
  id: string;
  name: string;
  type: string;
  root_id: string;
  changed: string;
  /** Sockets in the root's room. */
  connections: number;
  is_observed: boolean;
  is_open: boolean;
  /** What it holds, where that is short and no live text. */
  data?: unknown;
  number_below?: number;
  parent_id?: string | null;
}

export interface Overview {
  groups: GroupRow[];
  /** Whose documents are listed; empty for nobody. */
  shownUser: string;
  documents: DocumentRow[];
  /** What stands in the place of the list; empty where there is one. */
  listNote: string;
  hasLists: boolean;
  /** What is not offered, in sentences. */
  notes: string[];
  isLive: boolean;
  refusal: string;
}

export const OVERVIEW_TRAITS = [
  "groups",
  "shown_user",
  "documents",
  "list_note",
  "notes",
  "is_live",
  "refusal",
];

export function overviewOf(model: Model): Overview {
  return {
    groups: (model.get("groups") ?? []) as GroupRow[],
    shownUser: (model.get("shown_user") ?? "") as string,
    documents: (model.get("documents") ?? []) as DocumentRow[],
    listNote: model.get("list_note") as string,
    hasLists: model.get("has_lists") !== false,
    notes: (model.get("notes") ?? []) as string[],
    isLive: model.get("is_live") === true,
    refusal: (model.get("refusal") ?? "") as string,
  };
}

/** A time of today as a time, else as a date. */
export function changedWords(timestamp: string, now = new Date()): string {
  const moment = new Date(timestamp);
  if (Number.isNaN(moment.getTime())) return "";
  // English times are those of the browser, which knows of which country.
  const tag = spokenLanguage() === "en" ? [] : spokenLanguage();
  const isToday = moment.toDateString() === now.toDateString();
  return isToday
    ? moment.toLocaleTimeString(tag, { hour: "2-digit", minute: "2-digit" })
    : moment.toLocaleDateString(tag);
}
