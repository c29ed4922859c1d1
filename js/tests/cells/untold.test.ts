// What is typed before a live cell's document is reached: kept in the browser, and brought in once.
import { beforeAll, describe, expect, test } from "vitest";
import { describeCell, stateOf } from "../../src/cells/cell-state";
import { Refusal } from "../../src/cells/refusal";
import { Browser, type File, type Page } from "./a-browser";
import { cellsOfTests, MARK, Server, settled, words } from "./a-live-cell";

cellsOfTests();

// It is loaded when there is something to bring back, in a time that no clock of ours counts.
beforeAll(() => import("../../src/cells/untold-keeping"));

const TEXT = "one\n\nlast";
const MINE = "mine one\n\nlast";

interface School {
  server: Server;
  browser: Browser;
  file: File;
}

/** A notebook that was saved when the hub had this text; the hub is away now. */
function aSchool(text = TEXT): School {
  const server = new Server(text);
  server.isAway = true;
  return { server, browser: new Browser(server), file: { text, mark: { ...MARK, base: text } } };
}

/** Somebody has typed without the hub, and closed the tab without saving. */
async function typedAndClosed({ browser, file }: School): Promise<void> {
  const page = await browser.open(file);
  await page.type(0, "mine ");
  await page.close();
}

async function back({ server }: School): Promise<void> {
  server.isAway = false;
  await settled(120_000);
}

function detail({ live }: Page): string {
  return describeCell(stateOf(live)).detail;
}

describe("what is typed while the hub is away", () => {
  test("is said to be kept, is shown by the next page without the hub, and arrives once", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    expect(detail(page)).toContain("What you type is kept in this browser");
    await page.type(0, "mine ");
    await page.close();

    const again = await school.browser.open(school.file);
    expect([again.text, words(again.scene)]).toEqual([MINE, "Offline"]);
    school.server.hub.edit(9, "!");
    await back(school);

    expect([again.text, school.server.hub.text]).toEqual([`${MINE}!`, `${MINE}!`]);
    expect([again.live.aside, school.browser.texts, school.browser.edits.size]).toEqual([null, [], 0]);
    await again.close();
    await school.browser.open(school.file);
    expect(school.server.hub.text).toBe(`${MINE}!`);
  });

  test("arrives with the next page when the hub is back before it is opened", async () => {
    const school = aSchool();
    await typedAndClosed(school);
    school.server.isAway = false;

    const page = await school.browser.open(school.file);
    await settled(1_000);

    expect([page.text, school.server.hub.text, school.browser.texts]).toEqual([MINE, MINE, []]);
  });

  test("is not said to be kept where nobody can say whose it is, and is kept when they can", async () => {
    const school = aSchool();
    school.browser.user = null;
    const page = await school.browser.open(school.file);
    await page.type(0, "mine ");
    expect([detail(page).includes("Save the notebook"), school.browser.texts]).toEqual([true, []]);

    school.browser.user = "ada";
    await settled(120_000);

    expect([detail(page).includes("kept in this browser"), school.browser.texts]).toEqual([true, [MINE]]);
  });

  test("goes on from a text that was saved between", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    await page.type(0, "mi");
    page.save();
    await page.type(2, "ne ");
    await page.close();
    school.server.isAway = false;

    const again = await school.browser.open(school.file);
    await settled(1_000);

    expect([again.text, school.server.hub.text, again.live.aside]).toEqual([MINE, MINE, null]);
  });

  test("is the file's once it is saved there: nothing comes twice", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    await page.type(0, "mine ");
    page.save();
    await page.close();
    await back(school);

    const again = await school.browser.open(school.file);
    await settled(1_000);

    expect([again.text, school.server.hub.text, school.browser.texts]).toEqual([MINE, MINE, []]);
  });

  test("is merged with a file that was written elsewhere meanwhile", async () => {
    const school = aSchool();
    await typedAndClosed(school);
    school.file.text = `${TEXT} by a program`;

    const page = await school.browser.open(school.file);
    expect(page.text).toBe(`${TEXT} by a program`);
    await back(school);

    expect(school.server.hub.text).toBe(`${MINE} by a program`);
    expect([page.text, page.live.aside, school.browser.texts]).toEqual([`${MINE} by a program`, null, []]);
  });

  test("stands beside a text that was changed in the same place, until its author has decided", async () => {
    const school = aSchool("old");
    const first = await school.browser.open(school.file);
    first.scene.cell.delete(0, 3);
    await first.type(0, "mine");
    await first.close();
    school.file.text = "theirs";
    school.server.isAway = false;
    const page = await school.browser.open(school.file);
    await settled(1_000);
    expect([page.text, page.live.aside]).toEqual(["theirs", { text: "mine", why: "conflict" }]);
    await page.close();

    const again = await school.browser.open(school.file);
    await settled(1_000);
    expect(again.live.aside?.text).toBe("mine");
    again.live.setAside({ text: "another", why: "conflict" });
    again.live.keepTheirs();
    await settled(1_000);
    expect([again.live.aside?.text, school.browser.texts]).toEqual(["mine", ["mine"]]);
    again.live.keepTheirs();
    await again.close();

    const last = await school.browser.open(school.file);
    await settled(1_000);
    expect([last.live.aside, school.browser.texts, school.server.hub.text]).toEqual([null, [], "theirs"]);
  });

  test("stands beside a text that its author may not change any more", async () => {
    const school = aSchool();
    await typedAndClosed(school);
    school.server.hub.access = "RO_User";
    school.server.isAway = false;

    const page = await school.browser.open(school.file);
    await settled(1_000);

    expect([page.text, page.live.aside]).toEqual([TEXT, { text: MINE, why: "read-only" }]);
    expect([school.server.hub.text, school.browser.texts]).toEqual([TEXT, [MINE]]);
  });

  test("stays in the cell and in the browser while the document is closed to its author", async () => {
    const school = aSchool();
    await typedAndClosed(school);
    school.server.isAway = false;
    school.server.failure = new Refusal("you have no access", 403);
    const page = await school.browser.open(school.file);
    expect([page.text, words(page.scene), school.browser.texts]).toEqual([MINE, "Not live", [MINE]]);

    await back(school);

    expect([school.server.hub.text, school.browser.texts]).toEqual([MINE, []]);
  });

  test("is nobody else's: whoever uses the browser next neither sees nor sends it", async () => {
    const school = aSchool();
    await typedAndClosed(school);
    school.server.isAway = false;
    school.browser.user = "eve";
    school.server.user = school.server.hub.user = "u2";
    const others = await school.browser.open({ ...school.file });
    await settled(1_000);
    expect([others.text, others.live.aside, school.server.hub.text]).toEqual([TEXT, null, TEXT]);
    await others.close();

    school.browser.user = "ada";
    school.server.user = school.server.hub.user = "u1";
    await school.browser.open(school.file);
    await settled(1_000);
    expect([school.server.hub.text, school.browser.texts]).toEqual([MINE, []]);
  });

  test("is nothing that a cell without a text has to say", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    await page.type(0, "mine ");
    page.scene.cell.delete(0, page.text.length);
    await page.close();
    expect(school.browser.texts).toEqual([]);
    school.server.isAway = false;

    const again = await school.browser.open(school.file);

    expect([again.text, school.server.hub.text]).toEqual([TEXT, TEXT]);
  });

  test("of a notebook without a base is known to go on from the hub's text where the hub has it still", async () => {
    const school = aSchool();
    school.file.mark = MARK;
    await typedAndClosed(school);
    school.server.isAway = false;

    await school.browser.open(school.file);
    await settled(1_000);

    expect(school.server.hub.text).toBe(MINE);
  });

  test("of a notebook without a base is never sent where the hub has another text", async () => {
    const school = aSchool();
    school.file.mark = MARK;
    await typedAndClosed(school);
    school.server.hub.edit(0, "theirs ");
    school.server.isAway = false;

    const page = await school.browser.open(school.file);
    await settled(1_000);

    expect([page.text, page.live.aside]).toEqual([`theirs ${TEXT}`, { text: MINE, why: "unknown" }]);
    expect(school.server.hub.text).toBe(`theirs ${TEXT}`);
  });

  test("is kept as well when the hub dies between the document and its text", async () => {
    const school = aSchool();
    school.server.failure = null;
    const page = await school.browser.open(school.file);
    await settled(5_000);
    await page.type(0, "mine ");
    expect([words(page.scene), detail(page).includes("kept in this browser")]).toEqual(["Offline", true]);
    await page.close();
    school.server.isAway = false;

    await school.browser.open(school.file);
    await settled(1_000);

    expect(school.server.hub.text).toBe(MINE);
  });
});

describe("two tabs", () => {
  test("bring in their own each", async () => {
    const school = aSchool();
    const first = await school.browser.open(school.file);
    await first.type(0, "mine ");
    const second = await school.browser.open(school.file);
    expect(second.text).toBe(TEXT);
    await second.type(TEXT.length, " too");
    await back(school);

    expect(school.server.hub.text).toBe(`${MINE} too`);
    expect([first.text, second.text]).toEqual([`${MINE} too`, `${MINE} too`]);
    expect([first.live.aside, second.live.aside, school.browser.texts]).toEqual([null, null, []]);
  });

  test("that do not know of each other bring in one text, once", async () => {
    const school = aSchool();
    school.browser.hasLocks = false;
    const first = await school.browser.open(school.file);
    await first.type(0, "mine ");
    const second = await school.browser.open(school.file);
    expect(second.text).toBe(MINE);
    await first.type(first.text.length, " too");
    await back(school);

    expect(school.server.hub.text).toBe(`${MINE} too`);
    expect([first.text, second.text]).toEqual([`${MINE} too`, `${MINE} too`]);
  });

  test("that were closed are both brought in", async () => {
    const school = aSchool();
    const first = await school.browser.open(school.file);
    const second = await school.browser.open(school.file);
    await first.type(0, "mine ");
    await second.type(TEXT.length, " too");
    await first.close();
    await second.close();
    school.server.isAway = false;

    const page = await school.browser.open(school.file);
    await settled(1_000);

    expect([page.text, page.live.aside, school.browser.texts]).toEqual([`${MINE} too`, null, []]);
    expect(school.server.hub.text).toBe(`${MINE} too`);
  });
});

describe("a cell of the page", () => {
  test("that takes the place of another one goes on with what that had kept", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    await page.type(0, "mine ");
    page.live.dispose();
    // As a move does, before anything else happens.
    void page.show({ origin: { base: TEXT, isUndo: false } }, MINE);
    await settled();
    await page.type(page.text.length, " more");
    expect(school.browser.texts).toEqual([`${MINE} more`]);
    await page.close();
    school.server.isAway = false;

    await school.browser.open(school.file);
    await settled(1_000);

    expect([school.server.hub.text, school.browser.texts]).toEqual([`${MINE} more`, []]);
  });

  test("that is closed and opened again in the same page has its text again", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    await page.type(0, "mine ");
    page.live.dispose();
    await settled(1_000);

    await page.show();
    expect(page.text).toBe(MINE);
    await back(school);

    expect([school.server.hub.text, school.browser.texts]).toEqual([MINE, []]);
  });

  test("that is live no longer keeps nothing: its text is the user's own", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    await page.type(0, "mine ");
    page.live.dispose({ isUnmarked: true });
    await settled();

    expect(school.browser.texts).toEqual([]);
  });

  test("that is read from the disk again holds what the disk has", async () => {
    const school = aSchool();
    const page = await school.browser.open(school.file);
    await page.type(0, "mine ");
    page.live.dispose();
    void page.show();
    await settled(1_000);

    expect(page.text).toBe(TEXT);
    await back(school);
    expect(school.server.hub.text).toBe(TEXT);
  });
});
