// What types say in a list of what somebody has.
import { afterEach, expect, test } from "vitest";
import { type Listed, withStates } from "../../src/document/states";
import { speak } from "../../src/text/words";

afterEach(() => speak("en"));

let number = 0;
function listed(type: string, data: unknown, more: Partial<Listed> = {}): Listed {
  number += 1;
  return { id: `d${number}`, type, documentRootId: "r", data, numberBelow: 0, ...more };
}

function statesOf(...documents: Listed[]): string[] {
  return withStates(documents, (one) => one).map(({ row, state }) =>
    [row.type, state?.symbol, state?.words, state?.isAsking ? "!" : undefined].filter(Boolean).join(" "),
  );
}

test.each([
  ["task_state", { state: "question" }, "? Question !"],
  ["task_state", { state: "star-half" }, "½★ Half a star"],
  ["task_state", { state: "of another program" }, "⚠ does not fit"],
  ["task_state", ["checked"], "⚠ does not fit"],
  ["progress_state", { progress: 2, totalSteps: 5 }, "▸ 2 of 5 done"],
  ["progress_state", { progress: 9, totalSteps: 5 }, "☑ 5 of 5 done"],
  ["progress_state", { progress: "two" }, "⚠ does not fit"],
  ["progress_state", {}, ""],
  ["page_read_check", { read: true, readTime: 130 }, "☑ read, 2 min"],
  ["page_read_check", { read: true, readTime: 7199 }, "☑ read, 119 min"],
  ["page_read_check", { read: true, readTime: 7380 }, "☑ read, 2 h 3 min"],
  ["page_read_check", { read: false, readTime: 1e12 }, "☐ not read, more than 1,000 h"],
  ["page_read_check", { read: true, readTime: 1e300 }, "⚠ does not fit"],
  ["progress_state", { progress: 1e30, totalSteps: 5 }, "⚠ does not fit"],
  ["choice_answer", { choices: [0, 2] }, "☑ Option 1, 3"],
  ["choice_answer", { choices: [], optionsOrder: [1, 0] }, "☐ not answered"],
  ["choice_answer", { choices: [1], assessed: true }, "☑ Option 2, assessed"],
  ["choice_answer", { choices: "both" }, "⚠ does not fit"],
  ["true_false_answer", { value: false }, "☑ False"],
  ["true_false_answer", { value: null }, "☐ not answered"],
  ["quiz", { questionOrder: [1, 0, 2], assessed: false }, "☐ answered 0 of 3"],
  ["quiz", { questionOrder: [], assessed: true }, "✓ assessed"],
  ["text_message", { text: `  ${"a b ".repeat(20)}` }, `“${"a b ".repeat(10)} …”`],
  ["text_message", { text: "" }, ""],
  ["dynamic_document_roots", { containerType: "simple_chat", documentRootIds: ["a", "b"] }, "2 chat rooms"],
  [
    "dynamic_document_roots",
    { documentRoots: [{ id: "a", name: "A", type: "text_messages" }] },
    "1 chat room",
  ],
  ["dynamic_document_roots", null, "0 chat rooms"],
  ["code", undefined, ""],
  ["of_somebody_else", { anything: 1 }, ""],
])("a document of type %s that holds %j says “%s”", (type, data, words) => {
  expect(statesOf(listed(type, data))).toEqual([`${type} ${words}`.trim()]);
});

test("a chat tells how many messages it has", () => {
  expect(statesOf(listed("simple_chat", { name: "" }, { numberBelow: 1 }))).toEqual([
    "simple_chat 1 message",
  ]);
  expect(statesOf(listed("simple_chat", null, { numberBelow: 4 }))).toEqual(["simple_chat 4 messages"]);
});

test("a quiz speaks for its answers, and for nobody else's", () => {
  const quiz = listed("quiz", { questionOrder: [0, 1, 2], assessed: false });
  const answers = [
    listed("choice_answer", { choices: [1], qid: "a" }),
    listed("choice_answer", { choices: [], qid: "b" }),
    listed("true_false_answer", { value: false, qid: "c" }),
    listed("true_false_answer", { value: true, qid: "c" }),
  ];
  const elsewhere = listed("choice_answer", { choices: [1], qid: "a" }, { documentRootId: "other" });
  const alone = listed("choice_answer", { choices: [1] });

  expect(statesOf(...answers, quiz, elsewhere, alone)).toEqual([
    "quiz ☐ answered 2 of 3",
    "choice_answer ☑ Option 2",
    "choice_answer ☑ Option 2",
  ]);
});

test("a chat speaks for what the same person has said in it, and for no other message", () => {
  const chat = listed("simple_chat", { name: "" }, { numberBelow: 2 });
  const said = listed("text_message", { text: "Is it?" }, { parentId: chat.id });
  const elsewhere = listed("text_message", { text: "It is." }, { parentId: "another" });

  expect(statesOf(said, chat, elsewhere)).toEqual(["simple_chat 2 messages", "text_message “It is.”"]);
});

test("a thread of comments speaks for what was said in it, wherever that lies, and for no other text", () => {
  const below = listed("mdx_comment", { about: "x" }, { numberBelow: 3 });
  const written = listed("mdx_comment", { about: "x" }, { documentRootId: "of staff" });
  const said = [
    listed("quill_v2", undefined, { parentId: below.id }),
    listed("quill_v2", { thread: written.id }, { documentRootId: "of staff" }),
    listed("quill_v2", { thread: written.id }, { parentId: "x" }),
    listed("quill_v2", { thread: written.id, resolved: true }, { parentId: "x" }),
  ];

  expect(statesOf(...said, below, written, listed("quill_v2", undefined))).toEqual([
    "mdx_comment 3 comments",
    "mdx_comment 2 comments",
    "quill_v2",
  ]);
});

test("where somebody waits for an answer comes first, the others as they were", () => {
  const tasks = ["unset", "question", "checked"].map((state) => listed("task_state", { state }));

  expect(statesOf(...tasks)).toEqual(["task_state ? Question !", "task_state ☐ Open", "task_state ☑ Done"]);
});

test("states are said in the language of the page", async () => {
  await speak("de");

  expect(statesOf(listed("task_state", { state: "question" }))).toEqual(["task_state ? Frage !"]);
  expect(statesOf(listed("progress_state", { progress: 1, totalSteps: 3 }))).toEqual([
    "progress_state ▸ 1 von 3 erledigt",
  ]);
});
