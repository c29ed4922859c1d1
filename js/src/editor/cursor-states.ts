// Where people are in a text, as their awareness states say. What comes from the wire is read with care: one
// malformed state must not take away everybody's cursors. Pure.
import * as Y from "yjs";
import { type Person, personIn } from "../live/people";
import type { SharedRange } from "./text-binding";

export interface CursorState {
  /** The Yjs client: one editor page of a person. */
  client: number;
  person: Person;
  range: SharedRange;
  /** Changes when the person moves, not when others edit. */
  place: string;
}

type States = Map<number, Record<string, unknown>>;

/** Everybody else's cursors. */
export function cursorsIn(states: States, ownClient: number, myId: string | undefined): CursorState[] {
  const found: CursorState[] = [];
  for (const [client, state] of states) {
    const range = client === ownClient ? null : rangeIn(state.cursor);
    if (range)
      found.push({
        client,
        person: personIn(client, state, myId),
        range,
        place: JSON.stringify(state.cursor),
      });
  }
  return found;
}

function rangeIn(cursor: unknown): SharedRange | null {
  if (!isObject(cursor) || !isPosition(cursor.anchor) || !isPosition(cursor.head)) return null;
  return {
    anchor: Y.createRelativePositionFromJSON(cursor.anchor),
    head: Y.createRelativePositionFromJSON(cursor.head),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isPosition(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { type, tname, item, assoc } = value;
  const hasPlace = isId(item) || isId(type) || typeof tname === "string";
  const isWellFormed = [type, item].every((id) => id === undefined || id === null || isId(id));
  return hasPlace && isWellFormed && (assoc === undefined || typeof assoc === "number");
}

function isId(value: unknown): boolean {
  return isObject(value) && isCount(value.client) && isCount(value.clock);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
