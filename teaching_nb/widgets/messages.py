"""What a browser page tells its widget over the comm: one struct per message, told apart by `kind`.

`peer` names the page: several pages may show one widget. Binary parts (Yjs updates, state vectors,
awareness) travel as buffers beside the message.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all messages."""


class Question(Message, frozen=True, kw_only=True):
    """Base of what is answered: by one message with the same number, to the page that asked."""

    peer: str
    ask: int


class Answer(Message, frozen=True, kw_only=True, tag="answer"):
    """What a kernel answers to a question: a value, or in words why there is none."""

    to: str
    ask: int
    value: Any = None
    refusal: str = ""


class Bundle(Message, frozen=True, tag="bundle"):
    """Send me the browser half; the Jupyter server has none."""


class Refresh(Message, frozen=True, tag="refresh"):
    """The kernel was busy, and what it said may have been dropped on the way: say again how things are."""


class SyncRequest(Message, frozen=True, kw_only=True, tag="sync_request"):
    """I show this widget and know this much; buffer: state vector. `seq` is the number of my newest edit."""

    peer: str
    epoch: int = -1
    seq: int = 0


class Leave(Message, frozen=True, kw_only=True, tag="leave"):
    """I do not show this widget any more."""

    peer: str


class Lane(Message, frozen=True, kw_only=True, tag="lane"):
    """I exchange edits with the hub directly from now on, or do so no longer."""

    peer: str
    on: bool


class PendingReport(Message, frozen=True, kw_only=True, tag="pending_report"):
    """I send edits to the hub myself: the newest one is `seq`, and all up to `stored` are stored."""

    peer: str
    seq: int
    stored: int


class RetryNow(Message, frozen=True, tag="retry_now"):
    """The hub can be reached from here, or the network is back: try it now."""


class Renew(Message, frozen=True, kw_only=True, tag="renew"):
    """The hub has other edits under the names of mine: I need another document to write into than that of `epoch`."""

    epoch: int


class Update(Message, frozen=True, kw_only=True, tag="update"):
    """The user edited; buffer: Yjs update."""

    peer: str
    epoch: int
    seq: int


class Pasted(Message, frozen=True, kw_only=True, tag="pasted"):
    """What I send next was pasted."""

    peer: str


class Discard(Message, frozen=True, tag="discard"):
    """The user gives up the changes that were not saved."""


class UseMine(Message, frozen=True, tag="use_mine"):
    """The user puts the version that could not be merged in the place of the shared text."""


class KeepTheirs(Message, frozen=True, tag="keep_theirs"):
    """The user gives up the version that could not be merged."""


class SetAside(Message, frozen=True, kw_only=True, tag="set_aside"):
    """An earlier kernel had a version of this user's that could not be merged."""

    text: str


class Awareness(Message, frozen=True, kw_only=True, tag="awareness"):
    """Where the user's cursor is; buffer: y-protocols awareness update."""

    peer: str


class Run(Message, frozen=True, kw_only=True, tag="run"):
    """The user pressed Run."""

    run: str
    code: str


class Interrupt(Message, frozen=True, kw_only=True, tag="interrupt"):
    """The user pressed Interrupt, or took a waiting run back."""

    run: str


class ClearOutput(Message, frozen=True, tag="clear_output"):
    """The user removed the shown output."""


class ShowOutput(Message, frozen=True, tag="show_output"):
    """I missed some output; send all of it."""


class Complete(Question, frozen=True, kw_only=True, tag="complete"):
    """Which names does the kernel know that fit here? `position` counts the characters before the cursor."""

    code: str
    position: int


class InputReply(Message, frozen=True, kw_only=True, tag="input_reply"):
    """The user typed this when the code of a run asked for it."""

    run: str
    number: int
    value: str


class Close(Message, frozen=True, tag="close"):
    """The user closed this document in an overview."""


class ShowHistory(Question, frozen=True, kw_only=True, tag="history"):
    """List the versions of the document."""


class ShowVersion(Question, frozen=True, kw_only=True, tag="version"):
    """Send the text of a version."""

    number: int


class Restore(Question, frozen=True, kw_only=True, tag="restore"):
    """The user brings a version back."""

    number: int


class Assign(Question, frozen=True, kw_only=True, tag="assign"):
    """The user changes one key of the document's data."""

    key: str
    value: Any
    base: str | None = None
    """Of a text that others write as well: what the user has changed, as the page had it."""


class CheckAnswer(Question, frozen=True, kw_only=True, tag="check_answer"):
    """Is this what the notebook expects? It is what stands in the page, which the kernel may not have yet."""

    text: str


class ShowContent(Question, frozen=True, kw_only=True, tag="content"):
    """Send what the document holds: of what is withheld no trait says it, for traits may become a part of a file."""


class ShowOpenings(Question, frozen=True, kw_only=True, tag="openings"):
    """List to whom the document is open."""


class OpenTo(Question, frozen=True, kw_only=True, tag="open_to"):
    """Open the document to a group or a person, close it, or take back what was said of them."""

    who: Literal["group", "person"]
    id: str
    access: Literal["open", "closed", ""]


class AnswerQuestion(Question, frozen=True, kw_only=True, tag="answer_question"):
    """The user answers a question of a quiz: numbers of options, or a judgement."""

    qid: str
    choices: list[int] | None = None
    value: bool | None = None


class ShowAssessment(Question, frozen=True, kw_only=True, tag="assessment"):
    """Send how the quiz was scored, and whether the user may have it assessed."""


class CheckQuiz(Question, frozen=True, kw_only=True, tag="check_quiz"):
    """The user has their own answers assessed."""


class ShowKey(Question, frozen=True, kw_only=True, tag="key"):
    """Send what is right, to a teacher."""


class ChangeKey(Question, frozen=True, kw_only=True, tag="change_key"):
    """A teacher says what is right for one question, or whether students may check themselves."""

    qid: str = ""
    choices: list[int] | None = None
    value: bool | None = None
    self_check: bool | None = None


class ShowClass(Question, frozen=True, kw_only=True, tag="class"):
    """List how the quizzes of a teacher's students stand."""


class Assess(Question, frozen=True, kw_only=True, tag="assess"):
    """A teacher has quizzes assessed, or opened again."""

    documents: list[str]
    on: bool


class ShowMessages(Question, frozen=True, kw_only=True, tag="messages"):
    """Send the messages of a chat."""


class Say(Question, frozen=True, kw_only=True, tag="say"):
    """The user says something in a chat, in which room where there are several."""

    text: str
    room: str = ""


class Unsay(Question, frozen=True, kw_only=True, tag="unsay"):
    """The user deletes a message of their own."""

    id: str


class ShowRooms(Question, frozen=True, kw_only=True, tag="rooms"):
    """Send the chat rooms in which the user takes part, and the messages of one of them, if one is named."""

    room: str = ""


class ShowRoomPeople(Question, frozen=True, kw_only=True, tag="room_people"):
    """Send, to a teacher, who could take part in a chat room, and who does; none is named before it is made."""

    room: str = ""


class ChangeRoom(Question, frozen=True, kw_only=True, tag="change_room"):
    """A teacher makes a chat room, where none is named, or says anew what it is called and who takes part.

    `groups` and `people` are ids of all of those who are to take part and can be chosen.
    """

    name: str
    room: str = ""
    groups: list[str] = []
    people: list[str] = []
    everybody: bool = False


class CloseRoom(Question, frozen=True, kw_only=True, tag="close_room"):
    """A teacher closes a chat room, and deletes what was said there."""

    room: str


class AddEntry(Question, frozen=True, kw_only=True, tag="add_entry"):
    """The user makes a folder or a file, in a folder or, where none is named, at the top."""

    type: Literal["dir", "file"]
    name: str
    folder: str = ""


class RenameEntry(Question, frozen=True, kw_only=True, tag="rename_entry"):
    """The user gives a folder or a file another name than `was`, which they have seen."""

    id: str
    name: str
    was: str


class MoveEntry(Question, frozen=True, kw_only=True, tag="move_entry"):
    """The user puts a folder or a file into a folder; none is the top."""

    id: str
    folder: str = ""


class DeleteEntry(Question, frozen=True, kw_only=True, tag="delete_entry"):
    """The user deletes a folder or a file; `below` is what they have been told is in it."""

    id: str
    below: list[str]


class FoldEntry(Question, frozen=True, kw_only=True, tag="fold_entry"):
    """The user opens or closes a folder."""

    id: str
    on: bool


class OpenEntry(Question, frozen=True, kw_only=True, tag="open_entry"):
    """The user opens a file."""

    id: str


class WriteFiles(Question, frozen=True, kw_only=True, tag="write_files"):
    """The user has a file, a folder or, where none is named, all written into the kernel's working folder.

    `overwrite` are files there that they agree to lose: path → digest of what they were asked about.
    """

    id: str = ""
    overwrite: dict[str, str] = {}


class ShowComments(Question, frozen=True, kw_only=True, tag="comments"):
    """Send the threads about a document."""


class AddComment(Question, frozen=True, kw_only=True, tag="add_comment"):
    """The user comments: in a thread, or, with none, at the beginning of a new one."""

    text: str
    thread: str = ""


class RemoveComment(Question, frozen=True, kw_only=True, tag="remove_comment"):
    """The user deletes a comment of their own."""

    id: str


class ResolveThread(Question, frozen=True, kw_only=True, tag="resolve_thread"):
    """The user says that a thread is resolved, or open again."""

    thread: str
    on: bool


class ShowDocuments(Message, frozen=True, kw_only=True, tag="show_documents"):
    """List what this person has; empty to close the list."""

    user: str


class Observe(Message, frozen=True, kw_only=True, tag="observe"):
    """Join a room to watch it, or leave it."""

    room: str
    on: bool


class OpenDocument(Message, frozen=True, kw_only=True, tag="open_document"):
    """Show this document below the overview."""

    id: str
