// Who else has this document open, read from the awareness states.

export interface Person {
  id: string;
  name: string;
  color: string;
  isMe: boolean;
}

/** Cursor colours that keep 4.5:1 against white text; light ones for selections. */
const HUES = [210, 25, 145, 280, 340, 175, 55, 250];

export function colorsOf(id: string): { color: string; colorLight: string } {
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  const hue = HUES[hash % HUES.length] ?? 210;
  return { color: `hsl(${hue} 70% 34%)`, colorLight: `hsl(${hue} 70% 50% / 0.25)` };
}

/** One entry per person, oneself first, others by name; a person with two pages counts once. */
export function peopleIn(states: Map<number, Record<string, unknown>>, myId: string | undefined): Person[] {
  const people = new Map<string, Person>();
  for (const [client, state] of states) {
    const user = (state.user ?? {}) as Partial<Record<"id" | "name" | "color", unknown>>;
    const id = typeof user.id === "string" && user.id ? user.id : `client ${client}`;
    const name = typeof user.name === "string" && user.name ? user.name : "Somebody";
    const color = safeColor(user.color) ?? colorsOf(id).color;
    people.set(id, { id, name, color, isMe: id === myId });
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
