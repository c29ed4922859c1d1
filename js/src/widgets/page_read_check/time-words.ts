// How long somebody has read, in words.
import { t } from "../../text/words";

export function timeWords(readTime: unknown): string {
  const seconds = secondsOf(readTime);
  return seconds < 60
    ? t("Reading time: {seconds} s", { seconds })
    : t("Reading time: {minutes} min", { minutes: Math.floor(seconds / 60) });
}

/** Another client may have stored anything. */
export function secondsOf(value: unknown): number {
  return typeof value === "number" && value >= 0 ? Math.floor(value) : 0;
}
