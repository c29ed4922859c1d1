// What the teacher's overview shows, as the kernel sends it. snake_case as the traits.

import type { Model } from "../../jupyter/widget";
import { spokenLanguage, t } from "../../text/words";

export interface PersonRow {
  id: string;
  name: string;
  role: string;
  /** Open connections of the person; the teacher's own observing does not count. */
  connections: number;
  is_observed: boolean;
}

export interface GroupRow {
  id: string;
  name: string;
  /** Sockets in the group's room. */
  connections: number;
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
  isLive: boolean;
  refusal: string;
}

export const OVERVIEW_TRAITS = ["groups", "shown_user", "documents", "is_live", "refusal"];

export function overviewOf(model: Model): Overview {
  return {
    groups: (model.get("groups") ?? []) as GroupRow[],
    shownUser: (model.get("shown_user") ?? "") as string,
    documents: (model.get("documents") ?? []) as DocumentRow[],
    isLive: model.get("is_live") === true,
    refusal: (model.get("refusal") ?? "") as string,
  };
}

/** “2 of 12 here · 3 connections” */
export function groupLine(group: GroupRow): string {
  const here = group.people.filter((person) => person.connections > 0).length;
  return t("{here} of {all} here · 1 connection|{here} of {all} here · {count} connections", {
    here,
    all: group.people.length,
    count: group.connections,
  });
}

export function presenceWords(connections: number): string {
  return connections > 0
    ? t("here, 1 connection|here, {count} connections", { count: connections })
    : t("away");
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
