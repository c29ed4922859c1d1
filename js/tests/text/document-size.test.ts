import { expect, test } from "vitest";
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
