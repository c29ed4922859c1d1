import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Awareness, applyAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { OwnAwareness } from "../../src/live/own-awareness";

let own: OwnAwareness;
let seen: Awareness;
let doc: Y.Doc;
let client: number;

beforeEach(() => {
  vi.useFakeTimers();
  doc = new Y.Doc();
  client = doc.clientID;
  seen = new Awareness(new Y.Doc());
  own = new OwnAwareness(doc, {
    me: () => ({ id: "u", name: "Ada" }),
    tell: (state) => applyAwarenessUpdate(seen, state, "remote"),
    isShown: () => true,
    changed: () => {},
  });
  own.present();
  own.awareness.setLocalStateField("cursor", 7);
  vi.advanceTimersByTime(200);
});

afterEach(() => {
  own.destroy();
  seen.destroy();
  vi.useRealTimers();
});

test("whoever is about to leave is gone before the page is", () => {
  expect(seen.getStates().get(client)?.cursor).toBe(7);

  own.stepAside();

  expect(seen.getStates().has(client)).toBe(false);
});

test("whoever stays after all is seen again where they were", () => {
  own.stepAside();

  vi.advanceTimersByTime(3_500);

  expect(seen.getStates().get(client)?.cursor).toBe(7);
});

test("whoever's client id Yjs changes, for somebody else writes under it, is still seen", () => {
  const forger = new Y.Doc();
  forger.clientID = client;
  forger.getText().insert(0, "forged");
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(forger));
  expect(doc.clientID).not.toBe(client);

  own.awareness.setLocalStateField("cursor", 8);
  vi.advanceTimersByTime(200);

  expect(seen.getStates().get(client)?.cursor).toBe(8);
});

test("when the widget ends, nobody is shown any more", () => {
  applyAwarenessUpdate(own.awareness, other(), "remote");
  expect(own.awareness.getStates().size).toBe(2);

  own.destroy();

  expect(own.awareness.getStates().size).toBe(0);
});

/** One client, number 1, first clock, with an empty state. */
function other(): Uint8Array {
  return new Uint8Array([1, 1, 1, 2, 123, 125]);
}
