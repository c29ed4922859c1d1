// Formatted text as whoever only reads it sees it, whoever has stored it.
import { render } from "lit-html";
import { beforeEach, describe, expect, test } from "vitest";
import { MOST_CHARACTERS, MOST_PIECES } from "../../src/document/delta-lines";
import { deltaView } from "../../src/document/delta-view";

let home: HTMLElement;
beforeEach(() => {
  home = document.createElement("div");
});

type Operation = [insert: unknown, attributes?: unknown];

function shown(...operations: Operation[]): HTMLElement {
  const ops = operations.map(([insert, attributes]) => ({ insert, ...(attributes ? { attributes } : {}) }));
  render(deltaView({ delta: { ops } }), home);
  return home;
}

/** What was drawn, without what lit leaves for itself. */
function drawn(element: Element): string {
  return element.innerHTML.replace(/<!--.*?-->/gs, "");
}

const inner = (...operations: Operation[]) =>
  drawn(shown(...operations).querySelector(".tnb-delta") as Element);

describe("formats of text", () => {
  test.each([
    [{ bold: true }, "<strong>x</strong>"],
    [{ italic: true }, "<em>x</em>"],
    [{ underline: true }, "<u>x</u>"],
    [{ strike: true }, "<s>x</s>"],
    [{ code: true }, "<code>x</code>"],
    [{ bold: true, italic: true, code: true }, "<strong><em><code>x</code></em></strong>"],
    [{ color: "red", size: "huge" }, "x"],
    [{ bold: false }, "x"],
    ["bold", "x"],
  ])("%j", (attributes, wanted) => {
    expect(inner(["x", attributes], ["\n"])).toBe(`<div>${wanted}</div>`);
  });

  test("a link leads to another page, and nowhere else", () => {
    const link = shown(["here", { link: "https://example.org/?a=<b>", bold: true }]).querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/?a=<b>");
    expect(link?.rel).toBe("noopener noreferrer");
    expect(link?.textContent).toBe("here");
    for (const odd of [
      "javascript:alert(1)",
      "JaVaScript:x",
      " javascript:x",
      "data:text/html,x",
      "/lab",
      "x",
      7,
      {},
    ])
      expect(drawn(shown(["here", { link: odd }]))).not.toContain("<a");
  });

  test("an image comes from an address of an image; other things are named", () => {
    const png = "data:image/png;base64,iVBORw0KGgo=";
    const image = shown([{ image: png }, { alt: "a cat" }]).querySelector("img");
    expect([image?.getAttribute("src"), image?.alt]).toEqual([png, "a cat"]);
    for (const odd of ["javascript:x", "data:image/svg+xml;base64,x", "data:text/html,x", "a.png", 7])
      expect(inner([{ image: odd }])).toBe("<div>[image]</div>");
    expect(inner([{ video: "https://example.org" }])).toBe("<div>[video]</div>");
    expect(inner([{ formula: "a<b" }])).toBe("<div><code>a&lt;b</code></div>");
    expect(inner([{}])).toBe("<div>[]</div>");
  });

  test("what looks like HTML is text, wherever it stands", () => {
    const evil = "<img src=x onerror=alert(1)><script>x</script>";
    const all: Operation[] = [
      [evil, { bold: true }],
      ["\n", { "code-block": evil }],
      [evil],
      ["\n", { header: 1 }],
      [evil],
      ["\n", { list: evil, indent: evil }],
      [{ [evil]: evil }],
    ];
    const element = shown(...all);
    expect(element.querySelector("img, script")).toBeNull();
    expect(element.textContent?.split(evil).length).toBeGreaterThan(3);
  });
});

describe("formats of lines", () => {
  test("headings, quotes and code are blocks", () => {
    expect(inner(["Title"], ["\n", { header: 2 }], ["a\n"])).toBe(
      '<div role="heading" aria-level="2" data-level="2">Title</div><div>a</div>',
    );
    expect(inner(["a"], ["\n", { blockquote: true }], ["b"], ["\n", { blockquote: true }])).toBe(
      "<blockquote><div>a</div><div>b</div></blockquote>",
    );
    const code = { "code-block": "python" };
    expect(inner(["if a<b:"], ["\n", code], ["  c", { bold: true }], ["\n", code], ["d\n"])).toBe(
      "<pre><code>if a&lt;b:\n  c</code></pre><div>d</div>",
    );
  });

  test("lists hold lists, and change from numbers to points", () => {
    const line = (text: string, list: string, indent = 0): Operation[] => [
      [text],
      ["\n", { list, ...(indent ? { indent } : {}) }],
    ];
    expect(
      inner(
        ...line("a", "ordered"),
        ...line("b", "bullet", 1),
        ...line("c", "bullet", 3),
        ...line("d", "ordered"),
        ...line("e", "bullet"),
      ),
    ).toBe("<ol><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ol><ul><li>e</li></ul>");
    expect(shown(...line("t", "checked"), ...line("u", "unchecked")).textContent).toBe("☑ done: t☐ open: u");
    expect(inner(...line("deep", "bullet", 1e9))).toBe("<ul><li>deep</li></ul>");
  });

  test("empty lines stay between others, and not around them", () => {
    expect(inner(["\n\na\n\nb\n\n"])).toBe("<div>a</div><div><br></div><div>b</div>");
    expect(inner(["\n"])).toBe("");
  });
});

test("what is too long is text, and says so", () => {
  const pieces = Array.from({ length: MOST_PIECES + 1 }, (): Operation => ["x", { bold: true }]);
  for (const long of [pieces, [["y".repeat(MOST_CHARACTERS + 1), { bold: true }] as Operation]]) {
    const element = shown(...long);
    expect(element.textContent).toContain("too long to be shown with its formats");
    expect(element.querySelector("strong")).toBeNull();
    expect(element.querySelector("pre")?.textContent).toMatch(/^x{5001}$|^y{200001}$/);
  }
  expect(shown(...pieces.slice(1)).querySelectorAll("strong")).toHaveLength(MOST_PIECES);
});

test("what is no Delta is not drawn", () => {
  for (const odd of [
    null,
    7,
    {},
    { delta: [] },
    { delta: { ops: [7] } },
    { delta: { ops: [{ insert: null }] } },
  ])
    expect(deltaView(odd)).toBeNull();
});
