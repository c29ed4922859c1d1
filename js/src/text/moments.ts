// Times as people read them.
import { spokenLanguage } from "./words";

/** A time of today as a time, else with its day. */
export function momentWords(at: string, now = new Date()): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const time = moment.toLocaleTimeString(spokenLanguage(), { hour: "2-digit", minute: "2-digit" });
  return moment.toDateString() === now.toDateString()
    ? time
    : `${moment.toLocaleDateString(spokenLanguage())}, ${time}`;
}
