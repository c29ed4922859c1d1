// What data of documents are made of. Apart from `fitting`, which knows the forms of all types.

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
