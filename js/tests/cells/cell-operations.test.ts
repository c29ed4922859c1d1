import { expect, test } from "vitest";
import * as Y from "yjs";
import { makeChanges } from "../../src/cells/cell-bridge";
import { CellOperations } from "../../src/cells/cell-operations";
import { joined } from "../../src/cells/joining";
import { differences } from "../../src/text/merge";

/** A shared text in the page of one person, and what they do to its cell. */
class Page {
  readonly doc = new Y.Doc();
  readonly text = this.doc.getText("text");
  readonly operations = new CellOperations();

  constructor(begun: Y.Doc) {
    this.hear(begun);
  }

  hear(other: Y.Doc): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(other), "remote");
  }

  operate(before: string, after: string, wanted = after): void {
    const changes = differences(this.text.toString(), wanted);
    this.operations.perform(this.text, before, after, (origin) => makeChanges(this.text, changes, origin));
  }

  takeBack(from: string, to: string): boolean {
    return this.operations.takeBack(this.text, from, to);
  }
}

function pages(text: string): [Page, Page] {
  const begun = new Y.Doc();
  begun.getText("text").insert(0, text);
  return [new Page(begun), new Page(begun)];
}

test.each([
  ["heard before", true, "one\nbob\ntwo!"],
  ["heard late", false, "one\n\nbobtwo!"],
])(
  "undoing a split brings the other half back in its place: what others typed there, %s, stays",
  (_when, isEarly, all) => {
    const [alice, bob] = pages("one\ntwo");
    alice.operate("one\ntwo", "two");
    bob.text.insert(3, "\nbob");
    alice.text.insert(3, "!");
    if (isEarly) alice.hear(bob.doc);
    const isTaken = alice.takeBack("two", "one\ntwo");
    alice.hear(bob.doc);

    expect([isTaken, alice.text.toString()]).toEqual([true, all]);
  },
);

test("undoing never brings back what others have taken out", () => {
  const [alice, bob] = pages("one\ntwo\nthree");
  alice.operate("one\ntwo\nthree", "two\nthree");
  bob.hear(alice.doc);
  bob.text.delete(0, 4);
  alice.hear(bob.doc);
  alice.takeBack("two\nthree", "one\ntwo\nthree");

  expect(alice.text.toString()).toBe("one\nthree");
});

test("redoing and undoing go on as long as the texts are those of what was done", () => {
  const [alice] = pages("one");
  alice.operate("one", "one\n\nend");
  alice.operate("one\n\nend", "end");
  const steps = [
    alice.takeBack("end", "one\n\nend"),
    alice.takeBack("one\n\nend", "one"),
    alice.takeBack("one", "one\n\nend"),
    alice.takeBack("one", "other"),
  ];

  expect(steps).toEqual([true, true, true, false]);
  expect(alice.text.toString()).toBe("one\n\nend");
});

test("a large change is undone as a whole, and in another document nothing is known of it", () => {
  const long = "x".repeat(250_000);
  const [alice] = pages("one");
  alice.operate("one", long);
  expect(alice.takeBack(long, "one")).toBe(true);
  expect(alice.text.toString()).toBe("one");
  const other = new Y.Doc().getText("text");

  expect(alice.operations.takeBack(other, "one", long)).toBe(false);
});

test.each([
  ["two lines in one place", "a\nb", "a\nmine\nb", "a\ntheirs\nb", "a\nmine\ntheirs\nb"],
  ["words in one line", "x = 1", "x = 1 + mine", "x = 1 + theirs", "x = 1 + mine + theirs"],
  ["a line changed, and taken away", "a\nb\nc", "a\nc", "a\nb!\nc", "a\n!\nc"],
  ["the same line", "a\nb", "a\nsame\nb", "a\nsame\nb", "a\nsame\nb"],
])("%s are joined", (_what, base, mine, theirs, both) => {
  expect(joined(base, mine, theirs)).toBe(both);
});
