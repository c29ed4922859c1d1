import { describe, expect, it } from "vitest";
import { bytesIn, inlined } from "../../src/live/inline";
import { INLINE_BYTES } from "../../src/schema/limits";

const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe("bytes in payloads", () => {
  it("come as they went, whichever way they took", () => {
    const sent = inlined({ id: "d1", update: all }) as { id: string; update: unknown };

    expect(sent.id).toBe("d1");
    expect(typeof sent.update).toBe("string");
    expect(JSON.stringify(sent)).not.toContain("�");
    expect(bytesIn(sent.update)).toEqual(all);
    expect(bytesIn(all)).toEqual(all);
    expect(bytesIn(all.buffer)).toEqual(all);
    expect(bytesIn((inlined({ update: new Uint8Array() }) as { update: unknown }).update)).toEqual(
      new Uint8Array(),
    );
  });

  it("are attached where they are many", () => {
    const [fits, long] = [new Uint8Array(INLINE_BYTES), new Uint8Array(INLINE_BYTES + 1)];

    expect((inlined({ fits, long }) as Record<string, unknown>).long).toBe(long);
    expect(typeof (inlined({ fits, long }) as Record<string, unknown>).fits).toBe("string");
  });

  it("are none where something else comes", () => {
    for (const value of [undefined, null, 7, "no base64!", {}]) expect(bytesIn(value)).toBeNull();
  });
});
