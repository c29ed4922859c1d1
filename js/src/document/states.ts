// How it stands with a document, in a few words, for lists of what somebody has. Each type says so of its own, in the
// `state.ts` of its folder below `widgets`; a type without one, and one that nobody here knows, has no state.
import { STATES } from "virtual:states";
import { t } from "../text/words";
import { fitting } from "./fitting";

/** A document in a list, as the hub tells of it to whoever looks after its author. */
export interface Listed {
  id: string;
  type: string;
  documentRootId: string;
  /** The document that it is below; where that is not known, none. */
  parentId?: string | null;
  /** What it holds: any JSON, where that is short and no live text. */
  data?: unknown;
  /** How many documents lie below it. */
  numberBelow: number;
}

export interface State {
  /** Says the same as the words. */
  symbol?: string;
  words: string;
  /** Somebody waits for whoever reads this. */
  isAsking?: boolean;
}

export interface TypeState {
  /** `beside` are the other documents of the same person below the same root, `covered` those that it speaks for. */
  describe(document: Listed, beside: Listed[], covered: Listed[]): State | null;
  /** Whether it speaks for another document of the same person, wherever that lies: it is no row of its own. */
  covers?(other: Listed, document: Listed): boolean;
}

/** Whether two documents lie below the same root. */
export function isBeside(one: Listed, other: Listed): boolean {
  return one.documentRootId === other.documentRootId;
}

/** What a type says of data that fit its defaults; of others a word that they do not. */
export function stateIn<Data extends object>(
  defaults: Data,
  stored: unknown,
  describe: (data: Data) => State | null,
): State | null {
  const { data, misfits } = fitting(defaults, stored);
  return misfits.length ? { symbol: "⚠", words: t("does not fit") } : describe(data);
}

export interface StatedRow<Row> {
  row: Row;
  state: State | null;
}

/** The rows of a list with their states, without those that others speak for; where somebody waits comes first. */
export function withStates<Row>(rows: Row[], listedOf: (row: Row) => Listed): StatedRow<Row>[] {
  const all = rows.map(listedOf);
  const coveredBy = new Map(
    all.map((one) => {
      const { covers } = STATES[one.type] ?? {};
      return [one, covers ? all.filter((other) => other !== one && covers(other, one)) : []];
    }),
  );
  const covered = new Set([...coveredBy.values()].flat());
  const stated = rows.flatMap((row, index) => {
    const one = all[index];
    if (!one || covered.has(one)) return [];
    const beside = all.filter((other) => other !== one && isBeside(other, one));
    return [{ row, state: STATES[one.type]?.describe(one, beside, coveredBy.get(one) ?? []) ?? null }];
  });
  return stated.sort((a, b) => Number(b.state?.isAsking === true) - Number(a.state?.isAsking === true));
}
