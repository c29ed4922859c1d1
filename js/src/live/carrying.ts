// What becomes of edits when another Y.Doc takes the place of theirs. Where that is the hub's document once more, an edit
// keeps its name (client id and clock): then it does no harm that the kernel, or a message that is still on its way,
// brings it too. Only what can never be stored as it was written is made anew, as a change of the text.
import * as Y from "yjs";
import { textIn } from "./shared-text";

/** So many letters of two edits may be alike by chance; an edit is stored as a whole. */
const CHANCE = 3;

/** Edits that nobody has taken, and the document as it is without them. */
export interface Unsent {
  base: Y.Doc;
  updates: Uint8Array[];
}

/** One of the two: an update that can be applied as it is, or texts between which there is the edit. */
export interface Carried {
  kept?: Uint8Array;
  change?: [before: string, after: string];
}

/** Client → clock. */
type Clocks = Map<number, number>;

/** How edits of `ours` get into the document of `news`; `isRefused`: the hub has refused the names of some. */
export function carry(
  unsent: Unsent,
  ours: Y.Doc,
  news: Uint8Array,
  key: string,
  isRefused: boolean,
): Carried {
  const there = new Y.Doc();
  Y.applyUpdate(there, news);
  const plain: Carried = { change: [textOf(unsent.base, key), textOf(ours, key)] };
  const ourText = textIn(ours, key)?._item?.id;
  const isSame = ourText && Y.compareIDs(ourText, textIn(there, key)?._item?.id ?? null);
  if (!isSame) return plain;
  const update = Y.mergeUpdates(unsent.updates);
  const { from } = Y.parseUpdateMeta(update);
  const taken = takenNames(ours, there, unsent.updates);
  const known = clocks(there);
  // Of what is repeated the hub perhaps could not tell any more whether it is the same.
  const isRepeated = [...from].some(([client, clock]) => clock < (known.get(client) ?? 0));
  if ((!isRefused || isRepeated) && !isBeside(taken, ours, from)) {
    Y.applyUpdate(there, update);
    if (!there.store.pendingStructs && !there.store.pendingDs) return { kept: update };
  }
  const isStored = [...from].some(([client, clock]) => (taken.get(client) ?? known.get(client) ?? 0) > clock);
  if (!isStored) return plain;
  // Part of it is there: both sides get that, so that it is no difference between them.
  const after = new Y.Doc();
  Y.applyUpdate(after, Y.encodeStateAsUpdate(ours));
  for (const doc of [unsent.base, after]) Y.applyUpdate(doc, news);
  // What somebody else wrote under our names stays out of the comparison.
  const end = new Map([...clocks(ours)].filter(([client]) => taken.has(client)));
  return { change: [textOf(unsent.base, key, taken), textOf(after, key, end)] };
}

/** The first name of each client under which the two have something else. */
function takenNames(ours: Y.Doc, there: Y.Doc, updates: Uint8Array[]): Clocks {
  const taken: Clocks = new Map();
  const starts = updates.flatMap((update) => [...Y.parseUpdateMeta(update).from]);
  for (const [client, structs] of ours.store.clients) {
    const clock = firstDifference(structs, there.store.clients.get(client) ?? []);
    if (clock === null) continue;
    const near = starts.filter(([who, start]) => who === client && start <= clock && clock - start <= CHANCE);
    taken.set(client, Math.max(...near.map(([, start]) => start), near.length ? 0 : clock));
  }
  return taken;
}

type Structs = (Y.Item | Y.GC)[];

function firstDifference(left: Structs, right: Structs): number | null {
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const [mine, other] = [left[i], right[j]] as [Y.Item | Y.GC, Y.Item | Y.GC];
    const [mineEnd, otherEnd] = [mine.id.clock + mine.length, other.id.clock + other.length];
    const end = Math.min(mineEnd, otherEnd);
    const start = Math.max(mine.id.clock, other.id.clock);
    const clock =
      mine instanceof Y.Item && other instanceof Y.Item ? differsAt(mine, other, start, end) : end;
    if (clock < end) return clock;
    if (mineEnd <= otherEnd) i += 1;
    else j += 1;
  }
  return null;
}

/** Where two items differ that have the same names; `end` when they do not. */
function differsAt(mine: Y.Item, other: Y.Item, start: number, end: number): number {
  const isPlaced = Y.compareIDs(leftOf(mine, start), leftOf(other, start));
  if (!isPlaced || !Y.compareIDs(mine.rightOrigin, other.rightOrigin) || mine.parentSub !== other.parentSub)
    return start;
  // Of what was deleted nothing else is known.
  if (mine.deleted || other.deleted) return end;
  // What is in a shared type has names of its own.
  if (mine.content instanceof Y.ContentType && other.content instanceof Y.ContentType) return end;
  const [ours, theirs] = [mine.content.getContent(), other.content.getContent()];
  for (let clock = start; clock < end; clock += 1) {
    const [one, another] = [ours[clock - mine.id.clock], theirs[clock - other.id.clock]];
    if (one !== another && JSON.stringify(one) !== JSON.stringify(another)) return clock;
  }
  return end;
}

function leftOf(item: Y.Item, clock: number): Y.ID | null {
  return clock > item.id.clock ? Y.createID(item.id.client, clock - 1) : item.origin;
}

/** Whether something from these clocks on has a taken name, or is written beside one. */
function isBeside(taken: Clocks, ours: Y.Doc, from: Clocks): boolean {
  const isTaken = (id: Y.ID | null) => id !== null && id.clock >= (taken.get(id.client) ?? id.clock + 1);
  for (const [client, clock] of from) {
    if (taken.has(client)) return true;
    for (const item of ours.store.clients.get(client) ?? []) {
      if (item.id.clock + item.length <= clock || !(item instanceof Y.Item)) continue;
      if (isTaken(item.rightOrigin) || isTaken(leftOf(item, Math.max(item.id.clock, clock)))) return true;
    }
  }
  return false;
}

function clocks(doc: Y.Doc): Clocks {
  return Y.decodeStateVector(Y.encodeStateVector(doc));
}

/** The text without what clients wrote from a clock on. */
function textOf(doc: Y.Doc, key: string, without: Clocks = new Map()): string {
  const shared = textIn(doc, key);
  if (!without.size) return shared?.toString() ?? "";
  let text = "";
  for (let item = shared?._start ?? null; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    const end = without.get(item.id.client) ?? Number.POSITIVE_INFINITY;
    text += item.content.str.slice(0, Math.max(0, end - item.id.clock));
  }
  return text;
}
