// How many chat rooms are on a list; who does not take part in them knows no more of them.
import { isObject } from "../../document/objects";
import { t } from "../../text/words";

export function numberWords(data: unknown): string {
  const { documentRootIds, documentRoots } = isObject(data) ? data : ({} as Record<string, unknown>);
  // The second one is how the existing system's version of April 2025 has them.
  const count = [documentRootIds, documentRoots].flatMap((each) => (Array.isArray(each) ? each : [])).length;
  return t("1 chat room|{count} chat rooms", { count });
}
