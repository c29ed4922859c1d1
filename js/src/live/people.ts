// Who else has this document open, read from the awareness states. Pure.
import { roleWords } from "../text/roles";
import { t } from "../text/words";

export interface Person {
  id: string;
  name: string;
  color: string;
  /** The role of a teacher or an admin, as the hub has written it; null for everybody else. */
  role: string | null;
  isMe: boolean;
}

type States = Map<number, Record<string, unknown>>;

/**
 * The luminance of all colours of people: white words on them have a contrast of 4.6 to 1, and a line in them has
 * one of 4.6 to a white page and of more than 3 to a dark one. The hub's colours have the same.
 */
const LUMINANCE = 0.175;
const SATURATION = 0.7;
const STEPS = 200;

/** The colour of somebody whom the hub has not given one yet. */
export function colorsOf(id: string): { color: string; colorLight: string } {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  // Neighbours in the alphabet shall not be neighbours in the rainbow.
  const hue = Math.imul(hash, 2_654_435_769) >>> 0;
  const degrees = hue % 360;
  return { color: hex(shadeOf(degrees)), colorLight: hex(rgbOf(degrees, 0.85)) };
}

function shadeOf(hue: number): number[] {
  let best = rgbOf(hue, 0);
  for (let step = 1; step < STEPS; step += 1) {
    const shade = rgbOf(hue, step / STEPS);
    // Never brighter than wanted: the words on it are white.
    if (luminance(shade) <= LUMINANCE && luminance(shade) > luminance(best)) best = shade;
  }
  return best;
}

/** Red, green and blue, 0 to 1, of a hue in degrees. */
function rgbOf(hue: number, lightness: number): number[] {
  const reach = SATURATION * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((offset) => {
    const at = (offset + hue / 30) % 12;
    return lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1));
  });
}

/** The relative luminance of WCAG. */
export function luminance(rgb: number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function hex(rgb: number[]): string {
  const bytes = rgb.map((part) =>
    Math.round(part * 255)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${bytes.join("")}`;
}

/**
 * The person behind one state; the hub has written the name into it, whatever its page had said. Only pages of one's
 * own kernel, which has not reached the hub yet, say an empty id: that of somebody without a name, oneself.
 */
export function personIn(client: number, state: Record<string, unknown>, myId: string | undefined): Person {
  const user = (state.user ?? {}) as Partial<Record<"id" | "name" | "color" | "role", unknown>>;
  const isUnnamed = user.id === "";
  const id = typeof user.id === "string" && user.id ? user.id : isUnnamed ? (myId ?? "") : `client ${client}`;
  const name = typeof user.name === "string" && user.name ? user.name : t("Somebody");
  const role = user.role === "teacher" || user.role === "admin" ? user.role : null;
  return {
    id,
    name,
    color: safeColor(user.color) ?? colorsOf(id).color,
    role,
    isMe: isUnnamed || id === myId,
  };
}

/** A person in words, with what distinguishes a teacher from somebody of the same name. */
export function nameOf({ name, role }: Pick<Person, "name" | "role">): string {
  return role ? `${name} (${roleWords(role)})` : name;
}

/** One entry per person, oneself first, others by name; a person with two pages counts once. */
export function peopleIn(states: States, myId: string | undefined): Person[] {
  const people = new Map<string, Person>();
  for (const [client, state] of states) {
    const person = personIn(client, state, myId);
    people.set(person.id, person);
  }
  return [...people.values()].sort(
    (a, b) => Number(b.isMe) - Number(a.isMe) || a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
  );
}

/** A colour from the wire, unless it is more than a colour. */
export function safeColor(value: unknown): string | null {
  return typeof value === "string" && /^(#[0-9a-f]{3,8}|(rgb|hsl)a?\([\d\s.,%/]+\))$/i.test(value)
    ? value
    : null;
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}
