// What makes a cell live: its mark in the cell's metadata, and the course in the notebook's. Written by hand, by a
// program, or by our command; read with care. Pure.

import { validate as isUuid, v5 as uuid5 } from "uuid";
import { t } from "../text/words";

/** Whose the document is: each person's own, everybody's, or one that teachers write and everybody reads. */
export type Shared = false | true | "read";

export const TYPES = ["code", "string"] as const;
export type Type = (typeof TYPES)[number];

/** Type → key of the live text in the document's data. */
/** As which live text a document is watched: some are code by another name, and no cell is marked so. */
export function watchedAs(type: string): Type | null {
  return /^(script|pyodide_code)$/.test(type) ? "code" : (TYPES.find((live) => live === type) ?? null);
}

export const TEXT_KEYS: Record<Type, string> = { code: "code", string: "text" };

export interface Mark {
  /** A slug within the course, or the UUID of a document root. */
  document: string;
  type: Type;
  /** The type that the cell was changed to, where its document is of the type that it had before. */
  cell?: string;
  shared: Shared;
  /** What the hub had when the notebook was saved last; what else the file holds was written without the hub. */
  base?: string;
  /** What of the user's could not be merged with the shared text, until they decide; of several the newest first. */
  aside?: string | string[];
}

/** Key of the metadata of cells and notebooks. */
export const KEY = "teaching_nb";
/** … and in that of a notebook the one that asks for its last runs. */
export const RUNS = "last_run";

/** The same as in schema/roots.py, for pages and kernels mean the same documents. */
const NAMESPACE = "6f9c1c0e-6f0d-5d0b-9a4e-2b7b0c6d7a11";
/** The same there, too. */
const COURSE = /^(?![\s\ufeff])[^\p{Cc}\p{Cs}\u2028\u2029]{0,120}(?<![\s\ufeff])$/u;
const SLUG = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,119}$/;

/** Characters of a value that is named in a sentence: JupyterLab cuts long ones. */
const MOST_QUOTED = 24;

/** A mark that cannot be followed, said to whoever wrote it. */
export class InvalidMark extends Error {}

/** The mark of a cell; null when it has none. `cellType` decides where the mark names no type. */
export function markIn(metadata: unknown, cellType: string): Mark | null {
  const mark = partOf(metadata, KEY);
  if (mark === undefined || mark === null) return null;
  const { document, type = typeFor(cellType), shared = false, base, aside, cell } = asObject(mark);
  if (typeof document !== "string" || !isName(document)) throw new InvalidMark(describeName(document));
  if (!isType(type))
    throw new InvalidMark(
      t("the type of a live cell is {types}, not {value}", {
        types: TYPES.map((one) => `"${one}"`).join(t(" or ")),
        value: quoted(type),
      }),
    );
  if (shared !== false && shared !== true && shared !== "read")
    throw new InvalidMark(t("“shared” is false, true or “read”, not {value}", { value: quoted(shared) }));
  if (type !== typeFor(cellType) && cell !== cellType)
    throw new InvalidMark(
      t("its mark is for a document of the type “{type}”, which no {cell} cell is", { type, cell: cellType }),
    );
  const kept = {
    ...(typeof cell === "string" ? { cell } : {}),
    ...(typeof base === "string" ? { base } : {}),
    ...(isTexts(aside) ? { aside } : {}),
  };
  return { document, type, shared, ...kept };
}

/**
 * What becomes of the mark of a cell whose type was changed: it shows the document that it showed before, which is one of
 * `gone`. Null where that is not so, or is written already.
 */
export function keptMark(ours: unknown, cell: string, gone: ReadonlySet<string>): object | null {
  const mark = asObject(ours);
  const usual = typeFor(cell);
  const type = usual === "code" ? "string" : "code";
  const isGone = (one: Type) => gone.has(nameOf({ shared: false, ...mark, type: one } as Mark));
  if ((mark.type ?? type) !== type || mark.cell === cell || !isGone(type)) return null;
  return mark.type === undefined && isGone(usual) ? null : { ...mark, type, cell };
}

/** The course of a notebook; empty when it names none. */
export function courseIn(metadata: unknown): string {
  const { course } = asObject(partOf(metadata, KEY));
  return typeof course === "string" ? course : "";
}

/** Why the course that a notebook names is none; empty where it is one, or none is named. */
export function describeCourse(metadata: unknown): string {
  const { course = "" } = asObject(partOf(metadata, KEY));
  if (typeof course === "string" && COURSE.test(course)) return "";
  return t("{value} is no course: one line, at most 120 characters, no blanks around it", {
    value: quoted(course),
  });
}

/** Whether the notebook asks that teachers get to know how runs end. */
export function asksForRuns(metadata: unknown): boolean {
  return asObject(partOf(metadata, KEY))[RUNS] === true;
}

export function typeFor(cellType: string): Type {
  return cellType === "code" ? "code" : "string";
}

export function isName(name: string): boolean {
  return isUuid(name) || SLUG.test(name);
}

export function describeName(name: unknown): string {
  return t("{value} is no name: letters, digits and . _ / - (at most 120, no spaces)", {
    value: quoted(name),
  });
}

/** What `POST /documents/main` is asked for. */
export interface WantedMain {
  documentRootId: string;
  type: Type;
  data: Record<string, string>;
  root: { name?: string; sharedAccess?: string };
  shared?: true;
  ownRootId?: string;
}

/** The document of a mark, with the text that it gets when it does not exist yet. */
export function wantedMain(mark: Mark, course: string, init: string): WantedMain {
  const own = rootId(mark.document, course);
  const isSlug = !isUuid(mark.document);
  const wanted = { type: mark.type, data: { [TEXT_KEYS[mark.type]]: init } };
  const name = isSlug ? { name: mark.document } : {};
  if (mark.shared === false) return { ...wanted, documentRootId: own, root: name };
  const sharedAccess = mark.shared === "read" ? "RO_DocumentRoot" : "RW_DocumentRoot";
  const root = { ...name, sharedAccess };
  if (!isSlug) return { ...wanted, documentRootId: own, root, shared: true };
  // What is shared under a slug lies below a root of its own.
  return { ...wanted, documentRootId: sharedRootId(own, mark.type), root, shared: true, ownRootId: own };
}

/** The roots below which the documents of a name lie in a course: each one's own, and what is shared. */
export function rootsOf(name: string, course: string): string[] {
  const own = rootId(name, course);
  return isUuid(name) ? [own] : [own, ...TYPES.map((type) => sharedRootId(own, type))];
}

function sharedRootId(own: string, type: Type): string {
  return uuid5(`shared ${type}`, own);
}

export function rootId(name: string, course: string): string {
  return isUuid(name) ? name.toLowerCase() : uuid5(name, uuid5(course, NAMESPACE));
}

/** A name for a cell: from words such as those of the heading above it, and different from the `taken` ones. */
export function freshName(words: string, taken: ReadonlySet<string>): string {
  const plain = words
    .replace(/ß/g, "ss")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/[^A-Za-z0-9-]/g, "")
    .replace(/^-+|-+$/g, "")
    .toLowerCase()
    .slice(0, 60);
  const stem = SLUG.test(plain) ? plain : "cell";
  for (let number = 1; ; number += 1) {
    const name = number === 1 && stem !== "cell" ? stem : `${stem}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** Tells documents apart; marks that mean the same one have the same. */
export function nameOf(mark: Mark | null): string {
  return mark ? JSON.stringify([mark.document, mark.type, mark.shared]) : "";
}

export function isType(type: unknown): type is Type {
  return TYPES.some((one) => one === type);
}

function partOf(value: unknown, key: string): unknown {
  return asObject(value)[key];
}

export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function quoted(value: unknown): string {
  const words = JSON.stringify(value) ?? "nothing";
  return words.length > MOST_QUOTED ? `${words.slice(0, MOST_QUOTED - 1)}…` : words;
}

function isTexts(value: unknown): value is string | string[] {
  return [value].flat().every((one) => typeof one === "string");
}
