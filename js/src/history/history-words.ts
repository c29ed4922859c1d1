// What is said about versions. Pure.
import type { VersionEntry } from "./history-asks";

const NAMED = 3;

/** Who wrote a version, when: `today 14:03, Ann and Ben`. */
export function describeVersion(version: VersionEntry, now: Date): string {
  return `${timeOf(version.at, now)}, ${whoWrote(version)}`;
}

/** Where in the history one stands; the newest version is the present text. */
export function describePlace(index: number, count: number): string {
  return index === count - 1 ? `Now (version ${count} of ${count})` : `Version ${index + 1} of ${count}`;
}

export function whoWrote({ kind, authors }: VersionEntry): string {
  const who = named(authors);
  if (kind === "restore") return `restored by ${who}`;
  return kind === "start" ? `${who}, before the first edit` : who;
}

export function describeDifferences(count: number, isSame: boolean): string {
  if (isSame) return "This is the present text.";
  return count === 1
    ? "It differs from the present text in 1 place."
    : `It differs from the present text in ${count} places.`;
}

function named(authors: string[]): string {
  if (!authors.length) return "a deleted account";
  if (authors.length > NAMED) {
    return `${authors.slice(0, NAMED - 1).join(", ")} and ${authors.length - NAMED + 1} others`;
  }
  const [last, ...before] = [...authors].reverse();
  return before.length ? `${before.reverse().join(", ")} and ${last}` : String(last);
}

function timeOf(at: string, now: Date): string {
  const date = new Date(at);
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (date.toDateString() === now.toDateString()) return `today ${time.format(date)}`;
  const isThisYear = date.getFullYear() === now.getFullYear();
  const day = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
  return `${day.format(date)} ${time.format(date)}`;
}
