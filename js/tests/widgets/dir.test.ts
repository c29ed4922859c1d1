// A file tree on a page: by keyboard, with what is asked before something is done, and what others do meanwhile.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { lookOf, type Related } from "../../src/document/look";
import { withStates } from "../../src/document/states";
import { APage, ENTRIES, entry } from "./files-page";

beforeEach(() => document.body.replaceChildren());

describe("a file tree", () => {
  test("is a tree for assistive technology, with one row that Tab leads to", async () => {
    const page = await new APage().show();

    expect(page.rows).toEqual(["1 ▾📁src", "2 ▸📁deep", "2 📄main.py", "1 📄notes.txt"]);
    expect(page.el.querySelector(".tnb-files-tree")?.getAttribute("aria-label")).toBe("Project");
    const deep = page.row("deep");
    expect(["posinset", "setsize", "expanded"].map((name) => deep.getAttribute(`aria-${name}`))).toEqual([
      "1",
      "2",
      "false",
    ]);
    expect(page.row("main.py").hasAttribute("aria-expanded")).toBe(false);
    expect([...page.el.querySelectorAll("[role=treeitem][tabindex='0']")]).toEqual([page.row("src")]);
  });

  test("is walked through with the keys of a tree", async () => {
    const page = await new APage().show();
    page.row("src").focus();

    const seen: string[] = [];
    for (const key of [
      "ArrowDown",
      "ArrowRight",
      "ArrowRight",
      "ArrowLeft",
      "ArrowLeft",
      "ArrowLeft",
      "End",
      "ArrowDown",
      "ArrowUp",
      "Home",
      "n",
      "N",
      "s",
    ]) {
      await page.press(key);
      seen.push(page.focused);
    }

    expect(seen).toEqual([
      "deep",
      "deep",
      "x.py",
      "deep",
      "deep",
      "src",
      "notes.txt",
      "notes.txt",
      "main.py",
      "src",
      "notes.txt",
      "notes.txt",
      "src",
    ]);
    expect(page.asked).toEqual([
      { kind: "fold_entry", id: "deep", on: true },
      { kind: "fold_entry", id: "deep", on: false },
    ]);
    await page.press("ArrowLeft");
    expect(page.rows).toEqual(["1 ▸📁src", "1 📄notes.txt"]);
    await page.press("Enter", " ", "Enter");
    expect(page.rows).toHaveLength(4);
  });

  test("opens files by Enter and by two clicks, and folders by one", async () => {
    const page = await new APage().show();
    page.row("src").focus();
    await page.press("End", "Enter");
    page.row("main.py").dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    await page.click(page.row("deep"));
    // The second click of two is no other one.
    page.row("deep").dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 2 }));

    expect(page.asked).toEqual([
      { kind: "open_entry", id: "notes.txt" },
      { kind: "open_entry", id: "main.py" },
      { kind: "fold_entry", id: "deep", on: true },
    ]);
    expect(page.el.textContent).toContain("“src/main.py” is open below.");
    page.model.set("opened", [{ id: "main.py", model_id: "m" }]);
    await page.settled();
    expect(page.rows).toContain("2 📄main.pyopen below");
    expect(page.el.textContent).toContain("This front end shows it in a cell only");
  });

  test("says that a file is open below for as long as it is there and open, by the name that it has", async () => {
    const page = await new APage().show();
    const words = () => page.el.querySelector("p.tnb-notice[role=status]")?.textContent;
    page.row("notes.txt").focus();
    await page.press("Enter");
    page.model.set("opened", [{ id: "notes.txt", model_id: "m" }]);
    await page.settled();
    expect(words()).toBe("“notes.txt” is open below.");

    const others = ENTRIES.filter(({ id }) => id !== "notes.txt");
    await page.tell([...others, entry("notes.txt", "file", { name: "plan.txt" })]);
    expect(words()).toBe("“plan.txt” is open below.");
    // Somebody else deletes it: its cell stays, with what was typed into it.
    await page.tell(others);
    expect(words()).toBe("");

    page.row("main.py").focus();
    await page.press("Enter");
    page.model.set("opened", [{ id: "main.py", model_id: "n" }]);
    await page.settled();
    expect(words()).toBe("“src/main.py” is open below.");
    page.model.set("opened", []);
    await page.settled();
    expect(words()).toBe("");
  });

  test("makes files and folders where one is, and chooses what was made", async () => {
    const page = await new APage().show();
    page.answers.add_entry = { id: "new.py" };
    page.row("main.py").focus();
    await page.click(page.button("New file"));
    expect(page.focused).toBe("Name of the new file");

    await page.name("new.py");

    expect(page.asked).toContainEqual({ kind: "add_entry", type: "file", name: "new.py", folder: "src" });
    expect(page.asked).toContainEqual({ kind: "open_entry", id: "new.py" });
    expect(page.input).toBeNull();
    await page.tell([...ENTRIES, entry("new.py", "file", { parent: "src" })]);
    expect(page.focused).toBe("new.py");
  });

  test("chooses what was made first of all", async () => {
    const page = await new APage({ entries: [] }).show();
    expect(page.el.textContent).toContain("There are no files yet.");
    page.answers.add_entry = { id: "src" };
    await page.click(page.button("New folder"));
    await page.name("src");
    await page.tell([entry("src", "dir")]);

    expect(page.focused).toBe("src");
  });

  test("moves no focus that is elsewhere by the time an answer comes", async () => {
    const page = await new APage().show();
    const elsewhere = document.createElement("textarea");
    document.body.append(elsewhere);
    page.isSlow = true;
    page.row("notes.txt").focus();
    await page.click(page.button("New file"));
    await page.name("a.py");
    elsewhere.focus();

    page.refusal = "making “a.py” did not work: the hub is gone";
    await page.answerNow();
    expect(document.activeElement).toBe(elsewhere);
    expect([page.input.value, page.problem]).toEqual(["a.py", expect.stringContaining("did not work")]);

    page.input.focus();
    await page.press("Enter");
    await page.answerNow();
    expect(page.focused).toBe("Name of the new file");

    await page.press("Enter");
    elsewhere.focus();
    page.refusal = "";
    await page.answerNow();
    expect([page.input, document.activeElement]).toEqual([null, elsewhere]);
    page.isSlow = false;
    elsewhere.remove();
  });

  test("asks whether to overwrite without taking the focus from elsewhere", async () => {
    const page = await new APage().show();
    const elsewhere = document.createElement("textarea");
    document.body.append(elsewhere);
    page.isSlow = true;
    page.answers.write_files = {
      folder: "/",
      written: [],
      differing: [{ path: "x", digest: "1" }],
      left_out: [],
    };
    await page.click(page.button("Write to my folder …"));
    await page.click(page.button("Write"));
    elsewhere.focus();

    await page.answerNow();

    expect(page.panel).toContain("Overwrite it?");
    expect(document.activeElement).toBe(elsewhere);
    elsewhere.remove();
  });

  test("keeps a name that is refused, to be mended or given up", async () => {
    const page = await new APage().show();
    page.row("notes.txt").focus();
    page.row("notes.txt").focus();
    await page.press("F2");
    expect([page.focused, page.input.selectionStart, page.input.selectionEnd]).toEqual([
      "New name of “notes.txt”",
      0,
      5,
    ]);
    page.refusal = "renaming “notes.txt” did not work: there is something called “src” at the top already.";

    await page.name("src");

    expect(page.problem).toContain("there is something called “src” at the top already");
    expect([page.input.value, page.focused]).toEqual(["src", "New name of “notes.txt”"]);
    await page.press("Escape");
    expect([page.input, page.focused]).toEqual([null, "notes.txt"]);
    expect(page.asked).toEqual([{ kind: "rename_entry", id: "notes.txt", name: "src", was: "notes.txt" }]);
  });

  test.each([
    ["", [], "Delete “box”?", "This cannot", "„box“ löschen?", "Das lässt"],
    [
      "",
      [""],
      "with the one thing that is in it?",
      "This cannot",
      "mit dem einen Eintrag darin löschen?",
      "Das",
    ],
    [
      "",
      ["Bob"],
      "the one thing that is in it?",
      "It belongs to somebody else. This",
      "Eintrag darin",
      "Er gehört",
    ],
    [
      "",
      ["", "Bob"],
      "the 2 things that are in it?",
      "One of them belongs to somebody",
      "2 Einträgen",
      "Einer davon",
    ],
    [
      "",
      ["Bob", "Cem"],
      "the 2 things that are",
      "All of them belong to others.",
      "2 Einträgen",
      "Alle gehören",
    ],
    [
      "",
      ["", "B", "C"],
      "the 3 things that are",
      "2 of them belong to others.",
      "3 Einträgen",
      "2 davon gehören",
    ],
    [
      "Bob",
      ["Bob"],
      "the one thing that is in it?",
      "It belongs to somebody else.",
      "einen Eintrag",
      "Er gehört",
    ],
    ["Bob", [""], "the one thing that is in it?", "This cannot", "dem einen Eintrag", "Das lässt"],
  ])("counts what is deleted with a folder of “%s”: %j", async (author, authors, ...words) => {
    const inside = authors.map((each, index) => entry(`f${index}`, "file", { parent: "box", author: each }));
    for (const [language, [question, about]] of Object.entries({
      en: words.slice(0, 2),
      de: words.slice(2),
    })) {
      document.documentElement.lang = language;
      const page = await new APage({ entries: [entry("box", "dir", { author }), ...inside] }).show();
      page.row("box").focus();
      await page.press("Delete");

      expect(page.panel).toContain(question);
      expect(page.el.querySelector(".tnb-files-panel")?.textContent).toMatch(new RegExp(`[?]\\s*${about}`));
      page.life.abort();
    }
    document.documentElement.lang = "";
  });

  test("asks before it deletes, says what is in it, and tells the kernel what was said", async () => {
    const page = await new APage({
      entries: ENTRIES.map((one) => (one.id === "x.py" ? { ...one, author: "Bob" } : one)),
    }).show();
    page.row("src").focus();
    await page.press("Delete");
    expect(page.panel).toBe("Delete “src” with the 3 things that are in it?");
    expect(page.el.textContent).toContain("One of them belongs to somebody else.");
    expect(page.focused).toBe("Cancel");
    await page.press("Escape");
    expect([page.panel, page.focused, page.asked]).toEqual(["", "src", []]);

    await page.press("Delete");
    await page.click(
      page.el.querySelectorAll<HTMLButtonElement>("[role=alertdialog] button")[1] as HTMLButtonElement,
    );

    expect(page.asked).toEqual([{ kind: "delete_entry", id: "src", below: ["deep", "x.py", "main.py"] }]);
    await page.tell([entry("notes.txt", "file")]);
    expect(page.focused).toBe("notes.txt");
  });

  test("moves into folders that are no part of it, and to the top", async () => {
    // Whose folder it is decides what may be put into it.
    const page = await new APage({ entries: [...ENTRIES, entry("bobs", "dir", { author: "Bob" })] }).show();
    page.row("main.py").focus();
    await page.click(page.button("Move to …"));
    expect([...page.select.options].map(({ text }) => text)).toEqual(["the top", "src/deep"]);
    expect(page.focused).toBe("Folder");
    page.select.value = "deep";
    page.select.dispatchEvent(new Event("change"));
    await page.click(page.button("Move"));
    page.row("src").focus();
    await page.click(page.button("Move to …"));

    expect(page.asked).toContainEqual({ kind: "move_entry", id: "main.py", folder: "deep" });
    expect(page.el.textContent).toContain("There is no other folder yet.");
    expect(page.button("Move").disabled).toBe(true);
  });

  test("asks what is to be written where, and before it overwrites", async () => {
    const page = await new APage().show();
    const differing = [{ path: "main.py", digest: "d1" }];
    page.answers.write_files = { folder: "/home/alice", written: [], differing, left_out: [] };
    await page.click(page.button("Write to my folder …"));
    expect(page.panel).toBe("Write into /home/alice:");
    expect([...page.select.options].map(({ text }) => text)).toEqual(["Everything", "src"]);
    await page.click(page.button("Write"));
    expect(page.panel).toBe("1 file is something else in /home/alice. Overwrite it?");
    page.answers.write_files = {
      folder: "/home/alice",
      written: ["main.py"],
      differing: [],
      left_out: ["plan"],
    };
    await page.click(page.button("Overwrite"));

    expect(page.asked).toEqual([
      { kind: "write_files", id: "", overwrite: {} },
      { kind: "write_files", id: "", overwrite: { "main.py": "d1" } },
    ]);
    expect(page.panel).toBe("");
    expect(page.el.textContent).toContain(
      "Written into /home/alice: main.py. Not written, for it is no text: plan.",
    );
  });

  test("says what is odd, and never renames what is no name", async () => {
    const odd = [
      entry("lost", "file", { oddity: "lost" }),
      entry("name", "dir", { oddity: "name" }),
      entry("open", "file", { oddity: "isOpen" }),
      entry("twice", "file", { oddity: "twice", author: "Bob" }),
      entry("two", "file", { contents: 2 }),
      entry("back", "file", { name: "a\u202egpj.exe" }),
    ];
    const page = await new APage({ entries: odd }).show();

    expect(page.rows).toEqual([
      "1 📄lost⚠ in no folder that is here",
      "1 ▾📁name⚠ stored under “name” is what does not fit",
      "1 📄open⚠ stored under “isOpen” is what does not fit",
      "1 📄twiceof Bob⚠ the same name twice",
      "1 📄two⚠ another program has stored 2 contents: the oldest is shown",
      "1 📄a\ufffdgpj.exe",
    ]);
    for (const unfit of ["name", "open"]) {
      page.row(unfit).focus();
      await page.press("F2");
      expect(page.input).toBeNull();
      expect(page.button("Rename").disabled).toBe(true);
    }
  });

  test("takes the focus from nobody, and goes on from a row that somebody deletes", async () => {
    const page = await new APage().show();
    const elsewhere = document.createElement("input");
    document.body.append(elsewhere);
    elsewhere.focus();
    await page.tell(ENTRIES.slice(3));
    expect(document.activeElement).toBe(elsewhere);

    page.row("notes.txt").focus();
    await page.settled();
    expect(page.focused).toBe("notes.txt");
    await page.tell([entry("other.py", "file")]);
    expect(page.focused).toBe("other.py");
    page.row("other.py").blur();
    await page.tell([entry("last.py", "file")]);
    expect(document.activeElement).toBe(document.body);
  });

  test("ends what is being named or asked when it is gone", async () => {
    const page = await new APage().show();
    page.row("notes.txt").focus();
    await page.click(page.button("Rename"));
    await page.tell(ENTRIES.slice(0, 4));
    await page.tell(ENTRIES);
    expect(page.input).toBeNull();

    await page.click(page.button("Delete"));
    expect(page.panel).not.toBe("");
    await page.tell([]);
    expect(page.panel).toBe("");
  });

  test("names whose it is where that is not whose tree is watched", async () => {
    const entries = [
      entry("src", "dir", { author: "Bob Brown" }),
      entry("help.py", "file", { parent: "src", author: "Tina" }),
      entry("x.py", "file", { author: "Bob Brown" }),
    ];
    const rows = async (title: string, is_watched: boolean) => {
      const page = await new APage({ title, is_watched, entries }).show();
      return page.rows.map((row) => row.replace(/^\d\W+/, ""));
    };

    expect(await rows("Bob Brown: project", true)).toEqual(["src", "help.pyof Tina", "x.py"]);
    const each = ["srcof Bob Brown", "help.pyof Tina", "x.pyof Bob Brown"];
    expect(await rows("Project", true)).toEqual(each);
    expect(await rows("Bob Brown: project", false)).toEqual(each);
  });

  test.each([
    ["a reader", { access: "RO_User" }, ["Write to my folder …"]],
    ["whoever watches", { is_watched: true }, ["Write to my folder …"]],
  ])("lets %s change nothing", async (_who, traits, left) => {
    const page = await new APage(traits).show();
    page.row("src").focus();
    await page.press("F2", "Delete", "ArrowLeft");

    const buttons = [...page.el.querySelectorAll<HTMLButtonElement>(".tnb-files-tools button")].filter(
      ({ disabled }) => !disabled,
    );
    expect(buttons.map(({ textContent }) => textContent)).toEqual(left);
    expect([page.panel, page.input, page.asked]).toEqual(["", null, []]);
    expect(page.rows).toHaveLength(2);
  });

  test("stays without its kernel, to be looked at", async () => {
    const page = await new APage().show();
    page.life.abort();
    await page.settled();

    expect(
      [...page.el.querySelectorAll<HTMLButtonElement>(".tnb-files-tools button")].every(
        ({ disabled }) => disabled,
      ),
    ).toBe(true);
    expect(page.el.querySelector(".tnb-files-tree")?.hasAttribute("data-ended")).toBe(true);
    page.row("src").focus();
    await page.press("ArrowLeft", "End", "Enter");
    expect([page.rows.length, page.asked]).toEqual([2, []]);
  });

  test("shows what the kernel says of the tree, and what it refuses", async () => {
    const page = await new APage({ trouble: "the hub cannot be reached" }).show();
    await vi.waitFor(() => expect(page.problem).toContain("The hub cannot be reached."));
  });
});

describe("a file tree that is watched", () => {
  const related = (id: string, type: string, data: unknown, parentId: string | null): Related => ({
    id,
    type,
    data,
    parentId,
    isBelow: parentId === "top",
    name: "Alice",
    createdAt: "2026-11-30T08:00:00.000Z",
  });

  test("shows every name, whatever its folder is", async () => {
    const look = await lookOf("dir");
    const documents = [
      related("f", "file", { name: "x.py" }, "d"),
      related("d", "dir", { name: "src" }, "top"),
      related("c", "code", undefined, "f"),
      related("deep", "dir", { name: "deep" }, "d"),
      related("y", "file", { name: "y.py" }, "deep"),
      related("lost", "file", { name: "lost" }, "gone"),
      related("a", "dir", { name: "a" }, "b"),
      related("b", "dir", { name: 7 }, "a"),
    ];
    const { render } = await import("lit-html");
    const json = () => {
      throw new Error("nothing is shown as it is stored");
    };
    const home = document.createElement("div");
    render(look.draw({ title: "project", type: "dir", data: {}, related: documents, json }).body, home);

    const rows = [...home.querySelectorAll("[role=treeitem]")].map(({ textContent }) => textContent?.trim());
    expect(rows).toEqual([
      "▾📁?⚠ in no folder that is here",
      "▾📁a⚠ in no folder that is here",
      "▾📁src",
      "▾📁deep",
      "📄y.py",
      "📄x.py",
      "📄lost⚠ in no folder that is here",
    ]);
    expect(home.querySelector("button")).toBeNull();
  });

  test("speaks in a list for what is in it", () => {
    const listed = (id: string, type: string, parentId: string | null) => ({
      id,
      type,
      parentId,
      documentRootId: "r",
      numberBelow: 0,
    });
    const rows = [
      listed("f", "file", "d"),
      listed("top", "dir", null),
      listed("d", "dir", "top"),
      listed("c", "code", "f"),
    ];

    const states = withStates(rows, (one) => one).map(({ row, state }) =>
      `${row.id} ${state?.words ?? ""}`.trim(),
    );
    expect(states).toEqual(["top 1 file", "c"]);
  });
});
