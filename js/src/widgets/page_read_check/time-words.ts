// How long somebody has read, in words.
import { t } from "../../text/words";

const MINUTE = 60;

export function timeWords(readTime: unknown): string {
  return t("Reading time: {time}", { time: durationWords(readTime) });
}

export function durationWords(readTime: unknown): string {
  const seconds = secondsOf(readTime);
  return seconds < MINUTE
    ? t("{seconds} s", { seconds })
    : t("{minutes} min", { minutes: Math.floor(seconds / MINUTE) });
}

/** Another client may have stored anything. */
export function secondsOf(value: unknown): number {
  return typeof value === "number" && value >= 0 ? Math.floor(value) : 0;
}
