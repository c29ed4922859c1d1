import { expect, test } from "vitest";
import {
  describeDifferences,
  describePlace,
  describeVersion,
  whoWrote,
} from "../../src/history/history-words";

const NOW = new Date(2026, 10, 23, 15, 0, 0);

function version(authors: string[], kind: "start" | "edit" | "restore" = "edit", at = NOW) {
  return { number: 1, kind, at: at.toISOString(), authors };
}

test("a version says when and by whom", () => {
  expect(describeVersion(version(["Ann"], "edit", new Date(2026, 10, 23, 9, 5, 7)), NOW)).toBe(
    "today 09:05:07, Ann",
  );
  expect(describeVersion(version(["Ann"], "edit", new Date(2026, 8, 1, 9, 5, 0)), NOW)).toMatch(
    /^Tue,? 1 Sept? 09:05:00, Ann$/,
  );
  expect(describeVersion(version(["Ann"], "edit", new Date(2025, 8, 1, 9, 5, 0)), NOW)).toContain("2025");
});

test("authors are named, many are counted, and deleted ones have no name", () => {
  expect(whoWrote(version(["Ann", "Ben", "Cid"]))).toBe("Ann, Ben and Cid");
  expect(whoWrote(version(["Ann", "Ben", "Cid", "Dan"]))).toBe("Ann, Ben and 2 others");
  expect(whoWrote(version([]))).toBe("a deleted account");
  expect(whoWrote(version(["Ann"], "restore"))).toBe("restored by Ann");
  expect(whoWrote({ ...version(["Ann"]), isPasted: true })).toBe("Ann, pasted");
  expect(whoWrote({ ...version(["Ann"]), isPasted: false })).toBe("Ann");
  expect(whoWrote(version(["Ann"], "start"))).toContain("before the first edit");
});

test("the newest version is the present", () => {
  expect(describePlace(0, 3)).toBe("Version 1 of 3");
  expect(describePlace(2, 3)).toContain("Now");
  expect(describeDifferences(0, true)).toBe("This is the present text.");
  expect(describeDifferences(1, false)).toContain("1 place.");
  expect(describeDifferences(2, false)).toContain("2 places");
});
