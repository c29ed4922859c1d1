"""Documents below one root or document as an observable collection, with a real hub."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from teaching_nb.client import Classroom, DocumentModel
from teaching_nb.client.documents.collections import Collections, Place
from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.errors import Conflict, Forbidden, InvalidInput, NotConnected, NotFound, TimedOut
from teaching_nb.schema import wire
from teaching_nb.schema.records import Document, RootLoad
from tests.harness.cast import ALICE, BOB, TEACHER
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

SECONDS = 30.0


def a_chat(room: Classroom, *, shared: bool | str = True) -> DocumentModel:
    """Open the shared container of a chat."""
    model = room.document("chat", type="simple_chat", init={"name": "Questions"}, shared=shared)
    model.wait_loaded(SECONDS)
    return model


def messages_of(room: Classroom) -> DocumentCollection:
    """Return the messages of the chat."""
    found = room.documents_below(a_chat(room), type="text_message")
    found.wait_loaded(SECONDS)
    return found


def texts(collection: DocumentCollection) -> list[str]:
    """Return what the messages say."""
    return [record.data["text"] for record in collection]


def wait_texts(collection: DocumentCollection, wanted: list[str]) -> None:
    """Wait until the messages say this."""
    changed = threading.Condition()

    def wake(_change: Any) -> None:
        with changed:
            changed.notify_all()

    collection.observe(wake, "records")
    with changed:
        assert changed.wait_for(lambda: texts(collection) == wanted, SECONDS), texts(collection)
    collection.unobserve(wake, "records")


def test_what_one_person_adds_others_see_in_order(alice: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """Both see all messages, oldest first, with their authors; a later one finds them."""
    mine, theirs = messages_of(alice), messages_of(bob)

    first = mine.add({"text": "anybody there?"})
    wait_texts(mine, ["anybody there?"])
    wait_texts(theirs, ["anybody there?"])
    theirs.add({"text": "yes"})
    wait_texts(mine, ["anybody there?", "yes"])

    assert [record.author_id for record in mine] == [a_hub.person(ALICE).id, a_hub.person(BOB).id]
    assert mine.records[0].id == first
    assert texts(messages_of(alice)) == ["anybody there?", "yes"]


def test_changes_and_removals_are_followed(alice: Classroom, bob: Classroom) -> None:
    """An edit, of another person or through a model of this kernel, and a deletion arrive."""
    mine, theirs = messages_of(alice), messages_of(bob)
    first, second = mine.add({"text": "one"}), mine.add({"text": "two"})
    wait_texts(theirs, ["one", "two"])

    alice.open_document(first, type="text_message").data = {"text": "ONE"}
    wait_texts(mine, ["ONE", "two"])
    wait_texts(theirs, ["ONE", "two"])
    mine.remove(second)
    wait_texts(mine, ["ONE"])
    wait_texts(theirs, ["ONE"])

    with pytest.raises(NotFound):
        mine.remove(second)


def test_only_what_belongs_there_is_shown(alice: Classroom) -> None:
    """Other types, other parents and the container itself are no messages."""
    chat = a_chat(alice)
    every, notes = alice.documents_below(chat), alice.documents_below(chat, type="text_message")
    at_root = alice.documents_below(chat.root_id)
    for collection in (every, notes, at_root):
        collection.wait_loaded(SECONDS)

    notes.add({"text": "message"})
    every.add({"emoji": "+1"}, "reaction", other_type=True)
    wait_texts(notes, ["message"])
    answer = alice.documents_below(alice.open_document(notes.records[0].id, type="text_message"))
    answer.wait_loaded(SECONDS)

    assert sorted(record.type for record in every) == ["reaction", "text_message"]
    assert [record.id for record in at_root] == [chat.id]
    assert len(answer) == 0
    with pytest.raises(InvalidInput, match="collection of text_message documents, not of reaction"):
        notes.add({}, "reaction")
    with pytest.raises(InvalidInput, match="needs a type"):
        every.add({})


def test_the_same_place_is_the_same_collection(alice: Classroom) -> None:
    """A second cell follows no second time; a closed collection is followed no longer, and can be opened again."""
    mine = messages_of(alice)
    assert alice.documents_below(a_chat(alice), type="text_message") is mine

    mine.close()
    again = messages_of(alice)
    again.add({"text": "late"})
    wait_texts(again, ["late"])

    assert again is not mine
    assert len(mine) == 0


def test_a_teacher_hears_of_what_students_write(alice: Classroom, tina: Classroom) -> None:
    """Nobody need join anything for that."""
    seen = messages_of(tina)

    messages_of(alice).add({"text": "help"})

    wait_texts(seen, ["help"])


def test_access_that_is_taken_away_empties_it(alice: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """What may not be seen any more is gone, without a new connection."""
    mine, theirs = messages_of(alice), messages_of(bob)
    mine.add({"text": "for us"})
    wait_texts(theirs, ["for us"])

    permission = {
        "documentRootId": a_chat(alice).root_id,
        "userId": a_hub.person(BOB).id,
        "access": "None_DocumentRoot",
    }
    a_hub.ask("POST", "/permissions/user", TEACHER, permission)

    wait_texts(theirs, [])
    with pytest.raises((Forbidden, NotFound)):
        theirs.add({"text": "me too"})


def test_what_was_missed_is_there_after_a_break(connect_as: ConnectAs, a_mortal_hub: HubProcess) -> None:
    """The hub is killed; what somebody wrote after its restart is loaded with the new connection."""
    mine = messages_of(connect_as(ALICE, a_mortal_hub))
    mine.add({"text": "before"})
    wait_texts(mine, ["before"])
    chat_id = mine.records[0].parent_id
    root_id = mine.records[0].document_root_id

    a_mortal_hub.kill()
    with pytest.raises(NotConnected):
        mine.add({"text": "during"})
    a_mortal_hub.start()
    body = {"type": "text_message", "documentRootId": root_id, "parentId": chat_id, "data": {"text": "after"}}
    a_mortal_hub.ask("POST", "/documents", BOB, body)

    wait_texts(mine, ["before", "after"])
    assert mine.problem == ""


def the_folders(room: Classroom) -> tuple[DocumentModel, DocumentCollection]:
    """Return one's own tree, and all that is in it."""
    top = room.document("tree", type="dir", init={"name": "Tree", "isOpen": True})
    top.wait_loaded(SECONDS)
    found = room.documents_below(top, all_levels=True)
    found.wait_loaded(SECONDS)
    return top, found


def folders(collection: DocumentCollection) -> list[tuple[str, str | None]]:
    """Return what lies where, by name."""
    names = {record.id: record.data["name"] for record in collection}
    return [(record.data["name"], names.get(record.parent_id or "")) for record in collection]


def a_folder(name: str) -> dict[str, Any]:
    """Return what a folder holds."""
    return {"name": name, "isOpen": True, "color": "red"}


def test_a_collection_of_all_levels_holds_what_is_below_it_however_deep(
    alice: Classroom, connect_as: ConnectAs, a_hub: HubProcess
) -> None:
    """Made, moved, changed and deleted: shown at once here, and soon in another kernel."""
    (top, mine), (_, elsewhere) = the_folders(alice), the_folders(connect_as(ALICE))

    one = mine.add(a_folder("one"), "dir", parent_id=top.id)
    two = mine.add(a_folder("two"), "dir", parent_id=one)
    three = mine.add(a_folder("three"), "dir", parent_id=two)
    assert folders(mine) == [("Tree", None), ("one", "Tree"), ("two", "one"), ("three", "two")]
    mine.move(three, top.id)
    mine.change(two, {"name": "2"}, {"name": "two"})
    assert folders(mine) == [("Tree", None), ("one", "Tree"), ("2", "one"), ("three", "Tree")]
    wait_until(lambda: folders(elsewhere) == folders(mine), "the other kernel hears of all")
    with pytest.raises(Forbidden):
        elsewhere.move(one, two)
    elsewhere.remove(one)
    assert folders(elsewhere) == [("Tree", None), ("three", "Tree")]
    wait_until(lambda: folders(mine) == folders(elsewhere), "what was in it is gone, too")
    assert a_hub.ask("GET", f"/documents/{three}", ALICE)["document"]["data"] == a_folder("three")


def test_changing_keys_leaves_the_others_to_whoever_changes_them(alice: Classroom, connect_as: ConnectAs) -> None:
    """Two who change two keys both have their way; whoever expects what is not there any more is refused."""
    (top, mine), (_, elsewhere) = the_folders(alice), the_folders(connect_as(ALICE))
    folder = mine.add(a_folder("one"), "dir", parent_id=top.id)

    with concurrent.futures.ThreadPoolExecutor() as both:
        named = both.submit(mine.change, folder, {"name": "new"})
        closed = both.submit(elsewhere.change, folder, {"isOpen": False})
        named.result(SECONDS)
        closed.result(SECONDS)
    assert mine.read(folder).data == {"name": "new", "isOpen": False, "color": "red"}
    with pytest.raises(Conflict, match="somebody else has changed name to 'new' meanwhile"):
        elsewhere.change(folder, {"name": "other"}, {"name": "one"})
    with pytest.raises(InvalidInput, match="data of a dir document"):
        mine.change(folder, {"name": 7})
    with pytest.raises(NotFound, match="not there any more"):
        mine.read("00000000-0000-0000-0000-000000000000")


@pytest.mark.parametrize("stored", [["?"], {"name": 7}])
def test_what_does_not_fit_is_never_rewritten(alice: Classroom, a_hub: HubProcess, stored: Any) -> None:
    """Another program has stored it, and knows what it means."""
    top, mine = the_folders(alice)
    body = {"type": "dir", "documentRootId": top.root_id, "parentId": top.id, "data": stored}
    folder = a_hub.ask("POST", "/documents", ALICE, body)["id"]

    with pytest.raises(InvalidInput):
        mine.change(folder, {"isOpen": False})
    assert mine.read(folder).data == stored


def test_a_teacher_sees_what_a_student_sees(tina: Classroom, alice: Classroom) -> None:
    """Below the student's root, which shows the teacher only what is theirs otherwise; other students see nothing."""
    top, mine = the_folders(alice)
    mine.add(a_folder("one"), "dir", parent_id=top.id)

    theirs = tina.documents_below(top, all_levels=True, seen_by=top.author_id)
    theirs.wait_loaded(SECONDS)
    assert folders(theirs) == [("Tree", None), ("one", "Tree")]
    own = tina.documents_below(top, all_levels=True)
    own.wait_loaded(SECONDS)
    assert folders(own) == []


def test_asking_anew_waits_for_the_answer(a_mortal_hub: HubProcess, connect_as: ConnectAs) -> None:
    """What was not told is here when it returns; a hub that is away is said."""
    top, mine = the_folders(connect_as(ALICE, a_mortal_hub))
    with mock.patch.object(Collections, "take"):
        body = {"type": "dir", "documentRootId": top.root_id, "parentId": top.id, "data": a_folder("one")}
        a_mortal_hub.ask("POST", "/documents", ALICE, body)
        mine.refresh()
    assert folders(mine) == [("Tree", None), ("one", "Tree")]

    a_mortal_hub.kill()
    with pytest.raises(NotConnected):
        mine.refresh()
    assert folders(mine) == [("Tree", None), ("one", "Tree")]


@pytest.mark.parametrize("event", ["added", "removed", "changed"])
def test_what_happens_while_the_hub_is_asked_is_newer_than_its_answer(event: str) -> None:
    """An event between question and answer counts, whatever the answer says."""
    here, new = a_record("here", "old"), a_record("new", "new")
    rest = SlowRest()
    loop = LoopThread()
    kept = Collections(loop, rest, Tasks())  # type: ignore[arg-type]  # it asks for a root only
    place = Place(here.document_root_id, None, "")
    collection = kept.open(place)
    rest.answer(loop, [here])
    collection.wait_loaded(SECONDS)

    on_loop(loop, kept.reload)
    if event == "added":
        on_loop(loop, lambda: kept.take(new))
    elif event == "removed":
        on_loop(loop, lambda: kept.drop("here"))
    else:
        on_loop(loop, lambda: kept.take(a_record("here", "newer", second=2)))
    rest.answer(loop, [here])
    on_loop(loop, lambda: None)

    wait_texts(collection, {"added": ["old", "new"], "removed": [], "changed": ["newer"]}[event])
    loop.stop()


def test_what_was_told_before_a_deletion_of_ones_own_brings_nothing_back(alice: Classroom) -> None:
    """The hub's answer can be faster than its event, also of what was below the document; who deletes hears no more."""
    top = alice.document("tree", type="dir", init={"name": "Tree", "isOpen": True}, shared=True)
    top.wait_loaded(SECONDS)
    mine = alice.documents_below(top, all_levels=True)
    folder = mine.add({"name": "one", "isOpen": True}, "dir", parent_id=top.id)
    file = mine.add({"name": "x.py", "isOpen": True}, "file", parent_id=folder)
    wait_until(lambda: len(mine) == 3, "all is there")
    late = [mine.read(each) for each in (folder, file)]

    mine.remove(folder)
    for document in late:
        on_loop(alice._loop, lambda told=document: alice._collections.take(told))  # type: ignore[misc]

    assert folders(mine) == [("Tree", None)]
    wait_until(lambda: not mine._port._is_loading, "the hub was asked, too")  # type: ignore[attr-defined]
    assert folders(mine) == [("Tree", None)]


def test_what_was_told_before_a_change_of_ones_own_takes_nothing_back(alice: Classroom) -> None:
    """An event that comes late has the data of before."""
    mine = messages_of(alice)
    message = mine.add({"text": "old"})
    late = mine.read(message)

    mine.change(message, {"text": "new"}, {"text": "old"})
    on_loop(alice._loop, lambda: alice._collections.take(late))

    assert texts(mine) == ["new"]


class SlowRest:
    """Answers for the root when it is told to."""

    def __init__(self) -> None:
        self._asked: queue.Queue[asyncio.Future[list[Document]]] = queue.Queue()

    async def root(self, root_id: str) -> RootLoad:
        """Wait for `answer`."""
        answer: asyncio.Future[list[Document]] = asyncio.get_running_loop().create_future()
        self._asked.put(answer)
        return mock.Mock(documents=await answer)

    def answer(self, loop: LoopThread, documents: list[Document]) -> None:
        """Answer the oldest question, and wait until that was taken."""
        asked = self._asked.get(timeout=SECONDS)
        on_loop(loop, lambda: asked.set_result(documents))
        on_loop(loop, lambda: None)


def a_record(document_id: str, text: str, *, second: int = 1) -> Document:
    """Return a message as the hub tells it."""
    time = f"2026-11-01T10:00:0{second}.000Z"
    return Document(
        id=document_id,
        author_id=ALICE,
        type="text_message",
        data={"text": text},
        parent_id=None,
        document_root_id="root",
        created_at="2026-11-01T10:00:00.000Z" if document_id == "here" else time,
        updated_at=time,
    )


def on_loop(loop: LoopThread, function: Callable[[], object]) -> None:
    """Have something done on the loop thread, and wait for it."""
    done = threading.Event()
    loop.post(function)
    loop.post(done.set)
    assert done.wait(SECONDS)


def test_a_root_that_nobody_may_see_says_so(alice: Classroom) -> None:
    """Waiting for it raises the reason, which is shown as well."""
    nowhere = alice.documents_below(wire.new_id())

    with pytest.raises(NotFound):
        nowhere.wait_loaded(SECONDS)
    assert "does not exist, or you may not see it" in nowhere.problem
    assert not nowhere.is_loaded


def test_a_document_without_an_answer_has_nothing_below_it(connect_as: ConnectAs) -> None:
    """The mistake is told with what to do."""
    room = connect_as(ALICE)
    room.close(1)
    model = room.document("never", type="simple_chat")

    with pytest.raises(NotConnected, match="wait_loaded"):
        room.documents_below(model)
    with pytest.raises(TimedOut):
        room.documents_below(wire.new_id()).wait_loaded(0.01)
