// What another program has stored in a document, as far as its type can understand it. Pure.

export interface Fitting<Data> {
  /** The data, with the default in the place of what does not fit. */
  data: Data;
  /** Keys that hold something else than their type; `""` where the whole is no object. */
  misfits: string[];
}

/** Take of `stored` what is of the kinds that the default data have. Keys that these do not name stay as they are. */
export function fitting<Data extends object>(defaults: Data, stored: unknown): Fitting<Data> {
  if (!isObject(stored))
    return { data: defaults, misfits: stored === null || stored === undefined ? [] : [""] };
  const misfits = Object.entries(defaults).flatMap(([key, like]) =>
    Object.hasOwn(stored, key) && !isAlike(stored[key], like) ? [key] : [],
  );
  const known = Object.entries(stored).filter(([key]) => !misfits.includes(key));
  return { data: { ...defaults, ...(Object.fromEntries(known) as Partial<Data>) }, misfits };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAlike(value: unknown, like: unknown): boolean {
  // Nothing yet: there may be one value, of whatever kind.
  if (like === null) return typeof value !== "object" || value === null;
  // The only lists are of numbers that count from 0.
  if (Array.isArray(like)) return Array.isArray(value) && value.every(isCount);
  return typeof value === typeof like && Array.isArray(value) === Array.isArray(like);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
