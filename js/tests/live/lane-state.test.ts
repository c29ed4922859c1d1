import { describe, expect, test } from "vitest";
import { type LaneFacts, laneGoal, NO_OFFER, offerIn } from "../../src/live/lane-state";

const OPEN: LaneFacts = {
  offer: { document: "d1", epoch: 1, user: "u1" },
  saveState: "saved",
  hasUnsaved: false,
  isOpen: true,
  isSynced: true,
  epoch: 1,
  isResetting: false,
  isClosed: false,
  lineUser: "u1",
  isResting: false,
};

describe("the road of a document", () => {
  test("is the lane when page, kernel and hub agree", () => {
    expect(laneGoal(OPEN, false)).toBe("run");
  });

  test.each<[string, Partial<LaneFacts>]>([
    ["nobody looks", { isOpen: false }],
    ["the comm is gone", { isClosed: true }],
    ["the kernel's document is not the hub's", { offer: NO_OFFER }],
    ["the kernel does not know who it is", { offer: { ...OPEN.offer, user: "" } }],
  ])("is the comm, without a connection, when %s", (_name, facts) => {
    expect(laneGoal({ ...OPEN, ...facts }, false)).toBe("off");
    expect(laneGoal({ ...OPEN, ...facts }, true)).toBe("off");
  });

  test.each<[string, Partial<LaneFacts>]>([
    ["the text is not here", { isSynced: false }],
    ["the document is being replaced", { isResetting: true }],
    ["this page has another epoch", { epoch: 0 }],
    ["the hub is away", { lineUser: "" }],
    ["this page is somebody else", { lineUser: "u2" }],
  ])("is the comm at once when %s", (_name, facts) => {
    expect(laneGoal({ ...OPEN, ...facts }, false)).toBe("wait");
    expect(laneGoal({ ...OPEN, ...facts }, true)).toBe("wait");
  });

  test.each<[string, Partial<LaneFacts>]>([
    ["the last attempt has just failed", { isResting: true }],
    ["the kernel has edits that the hub has not", { hasUnsaved: true, saveState: "saving" }],
    ["the hub has refused the kernel's edits", { saveState: "refused" }],
  ])("does not become the lane while %s, but stays it", (_name, facts) => {
    expect(laneGoal({ ...OPEN, ...facts }, false)).toBe("wait");
    expect(laneGoal({ ...OPEN, ...facts }, true)).toBe("run");
  });

  test.each(["read-only", "refused"])("ends when the kernel keeps edits to itself: %s", (saveState) => {
    expect(laneGoal({ ...OPEN, hasUnsaved: true, saveState }, false)).toBe("wait");
    expect(laneGoal({ ...OPEN, hasUnsaved: true, saveState }, true)).toBe("wait");
  });

  test("is the lane while a version waits that is no part of the document", () => {
    expect(laneGoal({ ...OPEN, saveState: "refused", isUnmerged: true }, false)).toBe("run");
    expect(laneGoal({ ...OPEN, saveState: "refused" }, false)).toBe("wait");
    expect(laneGoal({ ...OPEN, saveState: "refused", isUnmerged: true, hasUnsaved: true }, false)).toBe(
      "wait",
    );
  });

  test.each(["saved", "saving", "offline", "read-only"])(
    "is the lane when the kernel has nothing to send and says %s",
    (saveState) => {
      expect(laneGoal({ ...OPEN, saveState }, false)).toBe("run");
    },
  );
});

test.each([null, {}, { document: "d1" }, { document: 1, epoch: 1, user: "u1" }])(
  "a kernel that says %j offers no lane",
  (said) => {
    expect(offerIn(said)).toEqual(NO_OFFER);
  },
);
