// What a document says of the thread that it belongs to. Pure.
import { isObject } from "../../document/objects";

/** Whether a document says that its thread is resolved, or open again; null for one that is a comment. */
export function markIn(data: unknown): boolean | null {
  return isObject(data) && typeof data.resolved === "boolean" ? data.resolved : null;
}

/** In which thread something was said that does not lie below it; empty for what does, or was not said in one. */
export function threadIn(data: unknown): string {
  return isObject(data) && typeof data.thread === "string" ? data.thread : "";
}
