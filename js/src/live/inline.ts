// Bytes in the payloads of events: as base64 where they are few, else as Socket.IO's attachments.
//
// An attachment is a frame of its own, and the second frame leaves only when all work on the key that was pressed is
// done: drawing it, two milliseconds of a key's whole way.
import { INLINE_BYTES } from "../schema/limits";

/** The same payload with few bytes as base64. */
export function inlined(payload: object): object {
  return Object.fromEntries(
    Object.entries(payload).map(([key, value]) => [key, isShort(value) ? toBase64(value) : value]),
  );
}

/** The bytes that came, in either way; null for anything else. */
export function bytesIn(value: unknown): Uint8Array | null {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? fromBase64(value) : null;
}

function isShort(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= INLINE_BYTES;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
