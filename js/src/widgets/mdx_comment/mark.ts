// What is said of a thread as a whole. Pure.
import { isObject } from "../../document/fitting";

/** Whether a document says that its thread is resolved, or open again; null for one that is a comment. */
export function markIn(data: unknown): boolean | null {
  return isObject(data) && typeof data.resolved === "boolean" ? data.resolved : null;
}
