// What may enter a shared text from this page, whichever way: typed, pasted, dropped, composed.
//
// Line ends become "\n": every editor counts one unit for a line end, and the shared text has to agree. NUL and
// halves of characters cannot be stored; a text above the limit would not be taken by the hub.
// What is in a text already, for somebody else put it there, stays as it is and is shown as a sign.

import {
  type ChangeSet,
  type ChangeSpec,
  EditorSelection,
  EditorState,
  type Extension,
  StateEffect,
  StateField,
  type Text,
  Transaction,
  type TransactionSpec,
} from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { LIVE_TEXT_BYTES } from "../schema/limits";
import { hasHalves, wholeCharacters, withoutHalves } from "./whole-characters";
import { numberWords, t } from "./words";

/** Says why something was not, or not all, taken; the frame shows it. */
export const notTaken = StateEffect.define<string>();

export interface Cleaned {
  text: string;
  /** NUL characters that were left out. */
  nulls: number;
}

const NUL = /\0/g;

export function isClean(text: string): boolean {
  return !text.includes("\r") && !text.includes("\0") && !hasHalves(text);
}

export function cleaned(text: string): Cleaned {
  const nulls = text.match(NUL)?.length ?? 0;
  return { text: withoutHalves(withLineFeeds(text).replace(NUL, "")), nulls };
}

function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Bytes of a text in JSON and UTF-8, the quotes left out: what the limit is about. */
export function jsonBytes(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length - 2;
}

export function describeNulls(count: number): string {
  return t(
    "1 NUL character was left out: a text cannot hold them.|{count} NUL characters were left out: a text cannot hold them.",
    { count },
  );
}

export function describeTooLarge(size: number, limit = LIVE_TEXT_BYTES): string {
  return t("Not inserted: the text would have {bytes} bytes, and the limit is {limit}. Shorten it first.", {
    bytes: numberWords(size),
    limit: numberWords(limit),
  });
}

/** The size of the text, kept up to date without reading the whole of it with every key. */
const size = StateField.define<number>({
  create: (state) => bytesOf(state.doc, 0, state.doc.length),
  update: (value, transaction) =>
    transaction.docChanged ? value + growth(transaction.changes, transaction.startState.doc) : value,
});

/** `around`: bytes of the document's data as JSON, without those of this text, where `limit` is about both. */
export function textRules(around: () => number, limit = LIVE_TEXT_BYTES): Extension {
  return [
    // Only "\n" ends a line: whatever else a text holds is counted as the shared text counts it.
    EditorState.lineSeparator.of("\n"),
    // Before the lines of what is pasted are counted.
    EditorView.clipboardInputFilter.of(withLineFeeds),
    size,
    EditorState.transactionFilter.of((transaction) => filter(transaction, around, limit)),
  ];
}

function filter(
  transaction: Transaction,
  around: () => number,
  limit: number,
): Transaction | TransactionSpec | TransactionSpec[] {
  // What others have done is not ours to change.
  if (!transaction.docChanged || transaction.annotation(Transaction.remote)) return transaction;
  const before = transaction.startState.field(size);
  const after = before + growth(transaction.changes, transaction.startState.doc);
  const whole = after > before ? after + around() : 0;
  if (whole > limit) return [{ effects: notTaken.of(describeTooLarge(whole, limit)) }];
  return withCleanInsertions(transaction);
}

function withCleanInsertions(transaction: Transaction): Transaction | TransactionSpec[] {
  const { doc } = transaction.startState;
  const changes: ChangeSpec[] = [];
  let [nulls, isDirty, shift, end] = [0, false, 0, 0];
  transaction.changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    const insert = inserted.sliceString(0, inserted.length, "\n");
    const whole = wholeCharacters({ from: fromA, to: toA, insert }, (at) => unitAt(doc, at));
    const clean = cleaned(whole.insert);
    isDirty ||= !isClean(whole.insert);
    nulls += clean.nulls;
    changes.push({ from: whole.from, to: whole.to, insert: clean.text });
    end = whole.from + shift + clean.text.length;
    shift += clean.text.length - (whole.to - whole.from);
  });
  if (!isDirty) return transaction;
  const userEvent = transaction.annotation(Transaction.userEvent);
  return [
    {
      changes,
      selection: EditorSelection.cursor(end),
      scrollIntoView: transaction.scrollIntoView,
      effects: nulls ? notTaken.of(describeNulls(nulls)) : [],
      ...(userEvent ? { userEvent } : {}),
    },
  ];
}

export function unitAt(doc: Text, position: number): string | undefined {
  return position >= 0 && position < doc.length ? doc.sliceString(position, position + 1, "\n") : undefined;
}

function growth(changes: ChangeSet, doc: Text): number {
  let bytes = 0;
  changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
    bytes += bytesOf(inserted, 0, inserted.length) - bytesOf(doc, fromA, toA);
  });
  return bytes;
}

function bytesOf(doc: Text, from: number, to: number): number {
  return from === to ? 0 : jsonBytes(doc.sliceString(from, to, "\n"));
}
