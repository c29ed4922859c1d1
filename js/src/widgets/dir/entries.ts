// What is in a file tree, as the kernel tells it, and the rows that are seen of it. Pure.
import { fitting } from "../../document/fitting";
import type { Related } from "../../document/look";
import { DIR } from "../../schema/types/dir";

export interface Entry {
  id: string;
  kind: "dir" | "file";
  name: string;
  /** The folder that it stands in; empty at the top. */
  parent: string;
  is_open: boolean;
  /** How many documents say that they are what is in a file: more than one is odd, and the oldest counts. */
  contents: number;
  /** Its folder is gone, what stands under that key does not fit, or another one beside it has the same name. */
  oddity: "" | "lost" | "name" | "isOpen" | "twice";
  /** Whose it is; empty for one's own. */
  author: string;
}

export interface Row {
  entry: Entry;
  /** From 1. */
  level: number;
  position: number;
  size: number;
  /** Whether what is in a folder is seen. */
  isOpen: boolean;
}

/** Oddities of what another program has stored, which is never renamed. */
export const UNFIT: string[] = ["name", "isOpen"];

/** The rows that are seen, top to bottom. */
export function rowsOf(entries: Entry[], isOpen: (entry: Entry) => boolean): Row[] {
  const beside = new Map<string, Entry[]>();
  for (const entry of entries) beside.set(entry.parent, [...(beside.get(entry.parent) ?? []), entry]);
  const rows = (parent: string, level: number): Row[] => {
    const all = beside.get(parent) ?? [];
    return all.flatMap((entry, index) => {
      const open = entry.kind === "dir" && isOpen(entry);
      const row = { entry, level, position: index + 1, size: all.length, isOpen: open };
      return [row, ...(open ? rows(entry.id, level + 1) : [])];
    });
  };
  return rows("", 1);
}

/** All that is in a folder, however deep. */
export function below(entries: Entry[], id: string): Entry[] {
  return entries
    .filter(({ parent }) => parent === id)
    .flatMap((entry) => [entry, ...below(entries, entry.id)]);
}

/** The names down to an entry. */
export function pathOf(entries: Entry[], id: string): string {
  const entry = entries.find((each) => each.id === id);
  if (!entry) return "";
  return entry.parent ? `${pathOf(entries, entry.parent)}/${entry.name}` : entry.name;
}

/** The folders that an entry can be moved into, by path; `""` is the top. */
export function placesFor(entries: Entry[], entry: Entry): { id: string; path: string }[] {
  const never = new Set([entry.id, entry.parent, ...below(entries, entry.id).map(({ id }) => id)]);
  const folders = entries.filter(
    ({ id, kind, author }) => kind === "dir" && author === entry.author && !never.has(id),
  );
  const top = entry.parent || entry.oddity === "lost" ? [{ id: "", path: "" }] : [];
  const paths = folders.map(({ id }) => ({ id, path: pathOf(entries, id) }));
  return [...top, ...paths.sort((one, other) => one.path.localeCompare(other.path))];
}

/** What somebody has below a root, for whoever watches it without the kernel that knows better. */
export function entriesIn(related: Related[]): Entry[] {
  const folders = new Map(related.flatMap((each) => (each.type === "dir" ? [[each.id, each]] : [])));
  const parentOf = ({ isBelow, parentId }: Related) => (isBelow ? "" : (parentId ?? ""));
  /** Whether the way up leads to the top, and not to what is gone, or round in a circle. */
  const isPlaced = (one: Related, steps = 0): boolean => {
    const folder = folders.get(parentOf(one));
    return !parentOf(one) || (folder !== undefined && steps < folders.size && isPlaced(folder, steps + 1));
  };
  const entries = related.flatMap((each): Entry[] => {
    const { id, type, data } = each;
    if (type !== "dir" && type !== "file") return [];
    const { data: folder, misfits } = fitting(DIR, data);
    const name = folder.name.trim();
    const isLost = !isPlaced(each);
    const oddity = isLost ? "lost" : !name ? "name" : misfits.length ? "isOpen" : "";
    const place = { parent: isLost ? "" : parentOf(each), is_open: true, contents: 0, oddity } as const;
    return [{ id, kind: type, name: name || "?", ...place, author: "" }];
  });
  const key = ({ kind, name }: Entry) => kind + name.toLowerCase();
  return entries.sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
