import { expect, test, vi } from "vitest";
import * as Y from "yjs";
import { LIVE_TEXT_BYTES } from "../../src/schema/limits";
import { sizeAround, sizeNearLimit } from "../../src/text/document-size";

function aDocument(code: string, more: Record<string, unknown> = {}): Y.Doc {
  const doc = new Y.Doc();
  const data = doc.getMap("data");
  data.set("code", new Y.Text(code));
  for (const [key, value] of Object.entries(more)) data.set(key, value);
  return doc;
}

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

test("around a text stands everything but its own characters", () => {
  const more = { note: "größe", list: [1, 2] };

  expect(sizeAround(aDocument("x".repeat(500)), "code")).toBe(bytes({ code: "" }));
  expect(sizeAround(aDocument("x", more), "code")).toBe(bytes({ code: "", ...more }));
});

test("a document is measured where it may come near the limit", () => {
  expect(sizeNearLimit(aDocument("x".repeat(1000)))).toBe(0);

  const large = "\u0001".repeat(LIVE_TEXT_BYTES / 6);
  expect(sizeNearLimit(aDocument(large))).toBe(bytes({ code: large }));
});

test("a long text is not counted again with every key", () => {
  const doc = aDocument("größe = 1\n".repeat(20_000));
  const data = doc.getMap("data");
  const text = data.get("code") as Y.Text;
  sizeNearLimit(doc);
  const counting = vi.spyOn(data, "toJSON");

  for (let key = 0; key < 1_000; key += 1) {
    text.insert(key, "\u0001");
    expect(sizeNearLimit(doc, 1)).toBeGreaterThanOrEqual(bytes({ code: "größe" }));
  }

  expect(counting).not.toHaveBeenCalled();
  expect(sizeNearLimit(doc)).toBeGreaterThanOrEqual(bytes(data.toJSON()));
});

test("near the limit the size is exact, whatever was inserted, taken out and put in its place before", () => {
  const doc = aDocument("x".repeat(LIVE_TEXT_BYTES - 1_000));
  const data = doc.getMap("data");
  const text = data.get("code") as Y.Text;
  expect(sizeNearLimit(doc)).toBe(bytes(data.toJSON()));

  text.insert(0, "\u0001".repeat(400));
  expect(sizeNearLimit(doc)).toBe(bytes(data.toJSON()));
  text.delete(0, 400);
  expect(sizeNearLimit(doc)).toBe(bytes(data.toJSON()));
  data.set("code", new Y.Text("ü".repeat(LIVE_TEXT_BYTES / 2)));
  expect(sizeNearLimit(doc)).toBe(bytes(data.toJSON()));
  data.set("note", "y".repeat(1_000));
  expect(sizeNearLimit(doc)).toBe(bytes(data.toJSON()));
});
