// How long somebody has read, in words.
import { numberWords, t } from "../../text/words";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Another program may have stored any number of seconds: more of it is no time that somebody has read. */
const MOST_HOURS = 1000;

export function timeWords(readTime: unknown): string {
  return t("Reading time: {time}", { time: durationWords(readTime) });
}

export function durationWords(readTime: unknown): string {
  const seconds = secondsOf(readTime);
  if (seconds < MINUTE) return t("{seconds} s", { seconds });
  const minutes = Math.floor(seconds / MINUTE);
  if (seconds < 2 * HOUR) return t("{minutes} min", { minutes });
  if (seconds >= MOST_HOURS * HOUR) return t("more than {hours} h", { hours: numberWords(MOST_HOURS) });
  return t("{hours} h {minutes} min", { hours: Math.floor(seconds / HOUR), minutes: minutes % 60 });
}

/** Another client may have stored anything. */
export function secondsOf(value: unknown): number {
  return typeof value === "number" && value >= 0 ? Math.floor(value) : 0;
}
