// Who is in the groups of a teacher, and what somebody has: rows for the panel “Class”. Pure.

import { fitting } from "../document/fitting";
import { isObject } from "../document/objects";
import { type State, withStates } from "../document/states";
import { DIR } from "../schema/types/dir";
import type { LastRun } from "../schema/types/last_run";
import { roleOf } from "../text/roles";
import { t } from "../text/words";
import { hasNoPresence, peopleWords } from "./lacking";
import { type Type, watchedAs } from "./mark";

/** A user as the hub lists them. */
export interface ListedUser {
  id: string;
  name?: string;
  firstName?: string;
  lastName?: string;
  email?: string;
  role?: string;
  isAdmin?: boolean;
}

export interface ListedGroup {
  id: string;
  name: string;
  userIds?: unknown;
  adminIds?: unknown;
}

/** A document as the hub lists it. */
export interface ListedDocument {
  id: string;
  authorId?: string;
  type: string;
  documentRootId: string;
  parentId?: string | null;
  rootName?: string | null;
  updatedAt: string;
  /** What it holds, where that is short and no live text. */
  data?: unknown;
  numberBelow?: number;
}

type Named = Pick<ListedDocument, "data" | "documentRootId" | "parentId" | "rootName">;

export interface PersonRow {
  id: string;
  name: string;
  role: string;
  presence: PresenceOf;
}

/** Where the hub counts others with a person, somebody is there who may be the person; of many it tells nothing. */
export type PresenceOf = "here" | "here-or-observed" | "away" | "not-known";

export interface GroupRow {
  id: string;
  name: string;
  /** Old backends do not tell who is in a group. */
  isTold: boolean;
  people: PersonRow[];
}

export interface DocumentRow {
  id: string;
  name: string;
  type: string;
  /** The live text that it can be watched as; null for other documents. */
  live: Type | null;
  changed: string;
  /** How it stands with it, as its type says. */
  state: State | null;
  /** How the last run of a cell has ended; null where that is not known. */
  run: LastRun | null;
}

export const withoutGroup = () => t("Without a group");

export interface ClassFacts {
  users: ListedUser[];
  groups: ListedGroup[];
  /** Room → connections. */
  counts: ReadonlyMap<string, number>;
  me: { id: string; role: string };
  /** What the hub does not offer. */
  lacking?: readonly string[];
}

/** Groups by name, and in each those who are here first; admins also see who is in none. */
export function groupRows(facts: ClassFacts): GroupRow[] {
  const { groups, me, users } = facts;
  const known = new Map(users.map((user) => [user.id, user]));
  const listed = new Set<string>([me.id]);
  const rows = [...groups].sort(byName).map(({ adminIds, id, name, userIds }) => {
    const isTold = Array.isArray(userIds);
    const ids = isTold ? (userIds as unknown[]) : [];
    const isMine = Array.isArray(adminIds) && adminIds.includes(me.id);
    const members = ids.flatMap((user) => known.get(String(user)) ?? []).filter((user) => user.id !== me.id);
    for (const member of members) listed.add(member.id);
    return { id, name, isTold, people: peopleRows(members, facts, isMine) };
  });
  const rest = users.filter(({ id }) => !listed.has(id));
  if (me.role !== "admin" || !rest.length) return rows;
  const name = !rows.length || rows.some(({ isTold }) => isTold) ? withoutGroup() : t("Group not known");
  return [...rows, { id: "", name, isTold: true, people: peopleRows(rest, facts, true) }];
}

/** What a person has, the one that changed last first. */
export function documentRows(
  documents: ListedDocument[],
  runs: ReadonlyMap<string, LastRun> = new Map(),
): DocumentRow[] {
  const shown = documents.filter(({ type }) => type !== "last_run");
  const newestFirst = [...shown].sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
  const stated = withStates(newestFirst, (one) => ({ ...one, numberBelow: one.numberBelow ?? 0 }));
  const known = new Map(newestFirst.map((one) => [one.id, one]));
  return stated.map(({ row: { data, documentRootId, id, parentId, rootName, type, updatedAt }, state }) => ({
    id,
    name: nameOf({ data, documentRootId, parentId, rootName }, known),
    type,
    live: watchedAs(type),
    changed: updatedAt,
    state,
    run: runs.get(id) ?? null,
  }));
}

/** What a document is called: by its place, or by itself; a thread as what it is about, unless its place has another name. */
function nameOf(one: Named, known: ReadonlyMap<string, ListedDocument>): string {
  const about = known.get(aboutIn(one.data));
  const isCalledSo = about && (!one.rootName || one.rootName === about.rootName);
  const { data, documentRootId, parentId, rootName } = isCalledSo ? about : one;
  const name = rootName || ownName(data) || t("root {id}", { id: documentRootId.slice(0, 8) });
  return name + fileWords(parentId, known);
}

function aboutIn(data: unknown): string {
  return isObject(data) && typeof data.about === "string" ? data.about : "";
}

/** What a document calls itself, such as a chat room; empty where it does not. */
function ownName(data: unknown): string {
  const name = isObject(data) ? data.name : "";
  return typeof name === "string" ? name : "";
}

/** Which file a document is in, by the names down to it. */
function fileWords(parent: string | null | undefined, known: ReadonlyMap<string, ListedDocument>): string {
  const names: string[] = [];
  let at = known.get(parent ?? "");
  if (at?.type !== "file") return "";
  // What lies in a circle has no end.
  for (let left = known.size; at?.parentId && left; left -= 1) {
    names.unshift(fitting(DIR, at.data).data.name || "?");
    at = known.get(at.parentId);
  }
  return names.length ? `: ${names.join("/")}` : "";
}

export function userName({ email, firstName, lastName, name }: ListedUser): string {
  return name || `${firstName ?? ""} ${lastName ?? ""}`.trim() || email || t("Somebody");
}

/** “2 of 12 here”, or how many they are where it is not known of each whether they are here; nothing where nobody is told. */
export function hereWords({ isTold, people }: GroupRow): string {
  if (!isTold) return "";
  const isKnown = people.every(({ presence }) => presence === "here" || presence === "away");
  if (!isKnown) return peopleWords(people.length);
  const here = people.filter(({ presence }) => presence === "here").length;
  return t("{here} of {all} here", { here, all: people.length });
}

function peopleRows(users: ListedUser[], facts: ClassFacts, isMine: boolean): PersonRow[] {
  const rows = users.map((user) => ({
    id: user.id,
    name: userName(user),
    role: roleOf(user),
    presence: presenceOf(user.id, facts, isMine),
  }));
  return rows.sort((a, b) => Number(isThere(b)) - Number(isThere(a)) || byName(a, b));
}

function isThere({ presence }: PersonRow): boolean {
  return presence.startsWith("here");
}

/** `isMine`: somebody of a group that the user looks after. A hub of ours tells of these, and of nobody else. */
function presenceOf(id: string, { counts, lacking = [], me }: ClassFacts, isMine: boolean): PresenceOf {
  const count = counts.get(id) ?? 0;
  if (hasNoPresence(lacking)) return count ? "here-or-observed" : counts.has(id) ? "away" : "not-known";
  if (count) return "here";
  return counts.size && (isMine || me.role === "admin") ? "away" : "not-known";
}

function byName(a: { id: string; name: string }, b: { id: string; name: string }): number {
  return a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}
