// Where the focus goes when what had it is gone, and when an answer leaves it alone.
import { html, render } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { beforeEach, describe, expect, test } from "vitest";
import { drawKeepingFocus, mayMoveFocus } from "../../src/ui/focus";

/** A list of which some rows have a button, and a field below it. */
class AList {
  readonly box = document.createElement("section");
  rows = ["one", "two", "-three", "four"];
  hasField = true;

  constructor(home: ShadowRoot | HTMLElement) {
    home.append(this.box);
    this.draw();
  }

  draw(): void {
    const button = (name: string) => (name.startsWith("-") ? "" : html`<button>${name}</button>`);
    const lines = repeat(
      this.rows,
      (name) => name,
      (name) => html`<li><p>${button(name)}</p></li>`,
    );
    const field = this.hasField ? html`<textarea></textarea>` : html`<button disabled>send</button>`;
    drawKeepingFocus(this.box, () => render(html`<h2>List</h2><ol>${lines}</ol>${field}`, this.box));
  }

  focus(name: string): void {
    [...this.box.querySelectorAll("button")].find(({ textContent }) => textContent === name)?.focus();
  }

  remove(...names: string[]): void {
    this.rows = this.rows.filter((name) => !names.includes(name));
    this.draw();
  }

  get focused(): string {
    const root = this.box.getRootNode() as ShadowRoot | Document;
    return root.activeElement?.textContent || (root.activeElement?.tagName ?? "none");
  }
}

beforeEach(() => document.body.replaceChildren());

describe.each(["a page", "a shadow root"])("in %s", (where) => {
  function aList(): AList {
    const home = document.createElement("div");
    document.body.append(home);
    return new AList(where === "a page" ? home : home.attachShadow({ mode: "open" }));
  }

  test.each<[string, string[], string[]]>([
    ["the next row that can have it", ["two"], ["four"]],
    ["the next one of a row within", ["one"], ["two"]],
    ["the row before the last one", ["four"], ["two"]],
    ["what is there, of several that go at once", ["two", "four"], ["one"]],
    ["the field, of the last row of all", ["one", "two", "-three", "four"], ["TEXTAREA"]],
  ])("the focus goes to %s", (_name, gone, [expected]) => {
    const list = aList();
    list.focus(gone[0] === "one" && gone.length > 1 ? "one" : String(gone[0]));

    list.remove(...gone);

    expect(list.focused).toBe(expected);
  });

  test("the widget has it where nothing else can", () => {
    const list = aList();
    list.focus("one");
    list.hasField = false;

    list.remove(...list.rows);

    expect(list.focused).toBe(list.box.textContent);
    expect(list.box.tabIndex).toBe(-1);
  });

  test("it is taken from nothing that has it", () => {
    const list = aList();
    const elsewhere = document.createElement("input");
    document.body.append(elsewhere);
    elsewhere.focus();
    list.remove("one");
    expect(document.activeElement).toBe(elsewhere);

    list.focus("two");
    list.remove("four");
    expect(list.focused).toBe("two");
  });

  test("an answer may move it in its own form, and from nowhere", () => {
    const list = aList();
    const form = list.box.querySelector("ol") as Element;
    expect(mayMoveFocus(form, list.box)).toBe(true);

    list.focus("two");
    expect(mayMoveFocus(form, list.box)).toBe(true);
    expect(mayMoveFocus(null, list.box)).toBe(false);
    list.box.querySelector("textarea")?.focus();
    expect(mayMoveFocus(form, list.box)).toBe(false);

    const elsewhere = document.createElement("input");
    document.body.append(elsewhere);
    elsewhere.focus();
    expect(mayMoveFocus(form, list.box)).toBe(false);
  });
});
