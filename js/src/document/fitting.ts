// What another program has stored in a document, as far as its type can understand it. Pure.
//
// The kernel has the same rule (`schema/misfits.py`); here it is for whoever watches a document without one.
import { FORMS, type Form } from "../schema/forms";
import { isObject } from "./objects";

/** A value that does not fit; its key is `""` where the whole is no object. */
export interface Misfit {
  key: string;
  value: unknown;
  /** Whether it only does not fit what the notebook asks for: whoever answers anew mends it. */
  is_of_call?: boolean;
}

export interface Fitting<Data> {
  /** The data, with the default in the place of what does not fit. */
  data: Data;
  misfits: Misfit[];
}

/**
 * Take of `stored` what may stand in the type whose default data these are; in data of no type, what is of their kinds.
 *
 * Keys that these do not name stay as they are. What has not been told is `undefined`, and fits. `further` are misfits
 * that are known besides.
 */
export function fitting<Data extends object>(
  defaults: Data,
  stored: unknown,
  further: readonly Misfit[] = [],
): Fitting<Data> {
  if (stored === undefined) return { data: defaults, misfits: [] };
  if (!isObject(stored)) return { data: defaults, misfits: [{ key: "", value: stored }] };
  const own = Object.entries(formsOf(defaults)).flatMap(([key, form]) =>
    Object.hasOwn(stored, key) && !fits(stored[key], form) ? [{ key, value: stored[key] }] : [],
  );
  const misfits = [...own, ...further.filter(({ key }) => !own.some((each) => each.key === key))];
  const known = Object.entries(stored).filter(([key]) => !misfits.some((each) => each.key === key));
  return { data: { ...defaults, ...(Object.fromEntries(known) as Partial<Data>) }, misfits };
}

function formsOf(defaults: object): Readonly<Record<string, Form>> {
  const alike = Object.fromEntries(Object.entries(defaults).map(([key, like]) => [key, formLike(like)]));
  return { ...alike, ...FORMS.get(defaults) };
}

function formLike(value: unknown): Form {
  if (Array.isArray(value)) return { type: "array", items: { type: "integer", minimum: 0 } };
  return { type: typeof value === "number" ? "integer" : (typeof value as "string" | "boolean" | "object") };
}

/** Whether a value is what a form says. */
export function fits(
  value: unknown,
  { anyOf, enum: words, items, minimum = -Infinity, type, uniqueItems }: Form,
): boolean {
  if (anyOf) return anyOf.some((each) => fits(value, each));
  if (words) return words.includes(value as string);
  if (type === "integer") return Number.isSafeInteger(value) && (value as number) >= minimum;
  if (type === "array")
    return (
      Array.isArray(value) &&
      !(uniqueItems && new Set(value).size < value.length) &&
      value.every((each) => !items || fits(each, items))
    );
  if (type === "object") return isObject(value);
  return type === "null" ? value === null : typeof value === type;
}
