// What is said about versions. Pure.
import { spokenLanguage, t } from "../text/words";
import type { VersionEntry } from "./history-asks";

const NAMED = 3;

/** Who wrote a version, when: `today 14:03, Ann and Ben`. */
export function describeVersion(version: VersionEntry, now: Date): string {
  return `${timeOf(version.at, now)}, ${whoWrote(version)}`;
}

/** Where in the history one stands; the newest version is the present text. */
export function describePlace(index: number, count: number): string {
  return index === count - 1
    ? t("Now (version {last} of {last})", { last: count })
    : t("Version {number} of {last}", { number: index + 1, last: count });
}

export function whoWrote({ kind, authors, isPasted }: VersionEntry): string {
  const who = named(authors);
  if (isPasted) return t("{who}, pasted", { who });
  if (kind === "restore") return t("restored by {who}", { who });
  return kind === "start" ? t("{who}, before the first edit", { who }) : who;
}

export function describeDifferences(count: number, isSame: boolean): string {
  if (isSame) return t("This is the present text.");
  return t(
    "It differs from the present text in 1 place.|It differs from the present text in {count} places.",
    { count },
  );
}

function named(authors: string[]): string {
  if (!authors.length) return t("a deleted account");
  if (authors.length > NAMED) {
    return t("{names} and {number} others", {
      names: authors.slice(0, NAMED - 1).join(", "),
      number: authors.length - NAMED + 1,
    });
  }
  const [last, ...before] = [...authors].reverse();
  return before.length
    ? t("{names} and {last}", { names: before.reverse().join(", "), last: String(last) })
    : String(last);
}

function timeOf(at: string, now: Date): string {
  const date = new Date(at);
  // English as in Europe, with 24 hours.
  const tag = spokenLanguage() === "en" ? "en-GB" : spokenLanguage();
  const time = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (date.toDateString() === now.toDateString()) return t("today {time}", { time: time.format(date) });
  const isThisYear = date.getFullYear() === now.getFullYear();
  const day = new Intl.DateTimeFormat(tag, {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
  return `${day.format(date)} ${time.format(date)}`;
}
