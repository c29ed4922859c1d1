"""Live text between kernels: everybody's edits live on, and everybody is told the truth."""

from __future__ import annotations

import threading
import time
from typing import Any

import pycrdt
import pytest

from teaching_nb.client import Classroom, CodeModel, connect
from teaching_nb.errors import Forbidden, InvalidInput
from teaching_nb.schema.limits import LIVE_TEXT_BYTES
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import ADMIN, ALICE, BOB, TEACHER
from tests.harness.classrooms import ConnectAs, join
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import SECONDS, wait_for, wait_value


def opened(room: Classroom, slug: str = "shared", **options: object) -> CodeModel:
    """Open a shared code document and wait for the hub."""
    model = room.document(slug, **{"shared": True, "init": "x = 1\n", **options})  # type: ignore[arg-type]
    assert isinstance(model, CodeModel)
    model.wait_loaded(SECONDS)
    return model


def test_document_begins_with_init_and_is_saved(alice: Classroom, a_hub: HubProcess) -> None:
    """A new document holds what the notebook gave, at the hub too."""
    model = opened(alice)

    assert model.code == "x = 1\n"
    assert model.save_state == "saved"
    assert model.can_edit
    assert a_hub.stored(model.id, ALICE) == {"code": "x = 1\n"}


def test_edit_reaches_the_others_and_the_hub(alice: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """What one kernel assigns is shown in the other and stored."""
    mine, theirs = opened(alice), opened(bob)

    mine.code = "x = 2\n"
    assert mine.save_state == "saving"
    mine.wait_saved()

    wait_value(theirs, "code", "x = 2\n")
    assert theirs.data == {"code": "x = 2\n"}
    assert a_hub.stored(mine.id, ALICE) == {"code": "x = 2\n"}


def test_simultaneous_edits_of_one_line_converge(alice: Classroom, bob: Classroom) -> None:
    """Two people who change the same line at once see the same text, with both edits."""
    mine, theirs = opened(alice), opened(bob)
    start = threading.Barrier(2)

    def edit(model: CodeModel, before: str, after: str) -> None:
        start.wait(SECONDS)
        model.edit(lambda text: text.replace(before, after))

    threads = [
        threading.Thread(target=edit, args=(mine, "x", "left_x")),
        threading.Thread(target=edit, args=(theirs, "1", "100")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    wait_value(mine, "code", "left_x = 100\n")
    wait_value(theirs, "code", "left_x = 100\n")


def test_many_appends_of_two_kernels_all_arrive_once(alice: Classroom, bob: Classroom) -> None:
    """`code += line` in two kernels at full speed loses and doubles nothing."""
    mine, theirs = opened(alice, init=""), opened(bob, init="")

    def append(model: CodeModel, name: str) -> None:
        for number in range(100):
            model.code += f"{name}{number}\n"

    threads = [threading.Thread(target=append, args=pair) for pair in ((mine, "a"), (theirs, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)

    expected = sorted(f"{name}{number}" for name in "ab" for number in range(100))
    for model in (mine, theirs):
        wait_for(model, "code", lambda text: sorted(text.split()) == expected)
    assert mine.code == theirs.code


def test_edits_are_bundled_on_their_way_to_the_hub(alice: Classroom) -> None:
    """A thousand assignments make few messages, the first of them at once."""
    model = opened(alice)
    before = alice._connection.sent.get("UPDATE_DOCUMENT", 0)

    for number in range(1000):
        model.code = f"x = {number}\n"
    model.wait_saved()

    assert alice._connection.sent["UPDATE_DOCUMENT"] - before < 60


def test_remote_edits_are_not_sent_back(alice: Classroom, bob: Classroom) -> None:
    """Whoever only reads sends no update, however much the others write."""
    mine, theirs = opened(alice), opened(bob)

    for number in range(5):
        mine.code += f"line {number}\n"
        mine.wait_saved()
    wait_value(theirs, "code", mine.code)
    theirs.code += "mine\n"
    theirs.wait_saved()
    wait_value(mine, "code", theirs.code)

    assert bob._connection.sent["UPDATE_DOCUMENT"] == 1
    assert alice._connection.sent["UPDATE_DOCUMENT"] == 5


def test_observer_hears_local_and_remote_changes(alice: Classroom, bob: Classroom) -> None:
    """`observe(f, "code")` is called for what the cell assigns and for what others write."""
    mine, theirs = opened(alice), opened(bob)
    seen: list[str] = []
    mine.observe(lambda change: seen.append(change.new), "code")

    mine.code = "mine\n"
    mine.wait_saved()
    wait_value(theirs, "code", "mine\n")
    theirs.code = "mine\ntheirs\n"
    wait_value(mine, "code", "mine\ntheirs\n")

    assert seen == ["mine\n", "mine\ntheirs\n"]


def test_busy_kernel_still_receives(alice: Classroom, bob: Classroom) -> None:
    """While a cell computes, edits of others arrive."""
    mine, theirs = opened(alice), opened(bob)
    arrivals: list[str] = []
    mine.observe(lambda change: arrivals.append(change.new), "code")
    begin = threading.Event()

    def write() -> None:
        begin.wait(SECONDS)
        for number in range(5):
            theirs.code = f"x = {number + 10}\n"
            theirs.wait_saved()

    writer = threading.Thread(target=write)
    writer.start()
    begin.set()
    end = time.monotonic() + SECONDS
    # Of what is written quickly one after the other only the last is sure to be seen.
    while arrivals[-1:] != ["x = 14\n"] and time.monotonic() < end:
        pass  # nothing that would let another thread in of its own accord
    arrived = arrivals[-1:]
    writer.join(SECONDS)

    assert arrived == ["x = 14\n"]


def test_emoji_and_combining_marks_travel(alice: Classroom, bob: Classroom) -> None:
    """Positions are counted right between code points, UTF-8 and UTF-16."""
    mine, theirs = opened(alice), opened(bob)

    mine.code = "e\u0301 👩‍👩‍👧 = 'é😀'\n"
    wait_value(theirs, "code", mine.code)
    theirs.code = theirs.code.replace("😀", "😀!")

    wait_value(mine, "code", "e\u0301 👩‍👩‍👧 = 'é😀!'\n")


def test_same_wish_gives_the_same_model(alice: Classroom) -> None:
    """Running a cell twice does not open the document twice."""
    assert alice.document("twice", init="a") is alice.document("twice", init="b")


def test_document_opened_by_two_names_stays_in_agreement(alice: Classroom, a_course: str) -> None:
    """By slug and by id there are two models of one document; each shows the other's edits."""
    by_slug = opened(alice)
    by_root = opened(alice, shared_root_id(root_id("shared", a_course), "code"))
    assert by_slug is not by_root
    assert by_slug.id == by_root.id

    by_slug.code = "changed\n"
    wait_value(by_root, "code", "changed\n")
    by_root.code = "changed again\n"
    wait_value(by_slug, "code", "changed again\n")

    by_slug.wait_saved()
    by_root.wait_saved()
    assert alice.open_document(by_slug.id) in (by_slug, by_root)


def test_own_documents_are_apart(alice: Classroom, bob: Classroom) -> None:
    """Without `shared` everybody has an own document below the same root."""
    mine, theirs = opened(alice, shared=False), opened(bob, shared=False)

    mine.code = "mine\n"
    mine.wait_saved()

    assert mine.id != theirs.id
    assert theirs.code == "x = 1\n"


def test_readers_of_a_shared_document_cannot_change_it(tina: Classroom, alice: Classroom) -> None:
    """With `shared="read"` the others see every edit; their own changes stay in their notebook, and they are told."""
    board, copy = opened(tina, shared="read"), opened(alice, shared="read")
    assert copy.save_state == "read-only"
    assert not copy.can_edit

    copy.code = "mine\n"
    with pytest.raises(Forbidden, match="not saved"):
        copy.wait_saved()

    assert (copy.save_state, copy.unsent_text) == ("read-only", "mine\n")
    assert "not saved" in copy.save_detail
    assert board.code == "x = 1\n"
    assert "UPDATE_DOCUMENT" not in alice._connection.sent


def test_text_above_the_limit_is_kept_and_refused_with_its_size(alice: Classroom, a_hub: HubProcess) -> None:
    """A text that is too long stays in the notebook; shortened, it is saved."""
    model = opened(alice)

    model.code = "é" * (LIVE_TEXT_BYTES // 2 + 100)
    wait_value(model, "save_state", "refused")

    assert str(LIVE_TEXT_BYTES) in model.save_detail
    assert model.unsent_text == model.code
    assert a_hub.stored(model.id, ALICE) == {"code": "x = 1\n"}
    model.code = "short\n"
    model.wait_saved()
    assert a_hub.stored(model.id, ALICE) == {"code": "short\n"}


def test_text_just_below_the_limit_is_saved(alice: Classroom, bob: Classroom) -> None:
    """Almost a megabyte in one assignment arrives everywhere."""
    mine, theirs = opened(alice, init=""), opened(bob, init="")
    text = "0123456789\n" * ((LIVE_TEXT_BYTES - 100) // 12)

    mine.code = text
    mine.wait_saved(60)

    wait_value(theirs, "code", text, 30)


def test_document_without_access_is_refused(alice: Classroom, a_hub: HubProcess, a_course: str) -> None:
    """Who may not see a document gets a sentence, not a document."""
    root = root_id("hidden", a_course)
    a_hub.ask("POST", f"/documentRoots/{root}", ADMIN, {"access": "None_DocumentRoot"})

    model = alice.document("hidden")

    with pytest.raises(Forbidden):
        model.wait_loaded(SECONDS)
    assert model.save_state == "refused"
    assert model.save_detail


def test_access_that_ends_while_typing_is_said_and_the_text_kept(
    alice: Classroom, a_hub: HubProcess, a_course: str
) -> None:
    """After the teacher shuts somebody out, nothing is sent any more and the edit is kept."""
    model = opened(alice)
    permission = {
        "documentRootId": shared_root_id(root_id("shared", a_course), "code"),
        "userId": a_hub.person(ALICE).id,
    }

    granted = a_hub.ask("POST", "/permissions/user", TEACHER, {**permission, "access": "None_User"})
    wait_value(model, "save_state", "refused")
    model.code = "unsent\n"

    assert "access" in model.save_detail
    assert model.unsent_text == "unsent\n"
    a_hub.ask("PUT", f"/permissions/user/{granted['id']}", TEACHER, {"access": "RW_User"})
    wait_value(model, "save_state", "saved")
    assert a_hub.stored(model.id, ADMIN) == {"code": "unsent\n"}


def test_access_that_is_lowered_makes_the_document_read_only(
    alice: Classroom, a_hub: HubProcess, a_course: str
) -> None:
    """Lowered to reading, the document still shows the others' edits; raised again, it saves."""
    model = opened(alice)
    permission = {
        "documentRootId": shared_root_id(root_id("shared", a_course), "code"),
        "userId": a_hub.person(ALICE).id,
    }

    granted = a_hub.ask("POST", "/permissions/user", TEACHER, {**permission, "access": "RO_User"})
    wait_value(model, "save_state", "read-only")
    model.code = "kept\n"
    a_hub.ask("DELETE", f"/permissions/user/{granted['id']}", TEACHER)

    wait_value(model, "save_state", "saved")
    assert a_hub.stored(model.id, ALICE) == {"code": "kept\n"}


def test_deleted_document_is_said(alice: Classroom, a_hub: HubProcess) -> None:
    """A document that is deleted elsewhere stays as its last state and says so."""
    model = opened(alice, shared=False)

    a_hub.ask("DELETE", f"/documents/{model.id}", ALICE)

    wait_value(model, "save_state", "refused")
    assert "deleted" in model.save_detail
    assert model.code == "x = 1\n"


def test_change_by_rest_is_merged_into_the_live_text(alice: Classroom, a_hub: HubProcess) -> None:
    """Somebody who replaces the whole data by REST is one more author."""
    model = opened(alice)

    a_hub.ask("PUT", f"/documents/{model.id}", ALICE, {"data": {"code": "x = 1\nby rest\n", "extra": 5}})

    wait_value(model, "code", "x = 1\nby rest\n")
    assert model.data == {"code": "x = 1\nby rest\n", "extra": 5}
    model.code += "by kernel\n"
    model.wait_saved()
    assert a_hub.stored(model.id, ALICE) == {"code": "x = 1\nby rest\nby kernel\n", "extra": 5}


def test_teacher_sees_a_students_document_and_cannot_change_it(tina: Classroom, alice: Classroom) -> None:
    """Found by its author, or in the list of a person's documents, it is live and read-only."""
    mine = opened(alice, shared=False)
    author = mine.author_id

    seen = tina.document("shared", author=author)
    seen.wait_loaded()
    assert isinstance(seen, CodeModel)
    mine.code = "x = 2\n"
    wait_value(seen, "code", "x = 2\n")

    assert seen.save_state == "read-only"
    assert [summary.id for summary in tina.documents_of(author) if summary.id == mine.id] == [mine.id]
    assert tina.open_document(mine.id) is seen


def test_students_document_that_comes_later_is_opened_then(tina: Classroom, alice: Classroom) -> None:
    """A teacher may wait for a document that its author has not begun."""
    assert alice.user is not None
    seen = tina.document("later", author=alice.user.id)
    wait_for(seen, "save_detail", lambda detail: "does not exist" in detail)
    join(tina, alice.user.id)

    opened(alice, "later", shared=False)

    wait_value(seen, "is_loaded", True)
    assert isinstance(seen, CodeModel)
    assert seen.code == "x = 1\n"


@pytest.mark.parametrize(
    ("root", "options"),
    [("no spaces please", {}), ("ok", {"shared": "write"}), ("ok", {"init": {"code": 5}}), ("ok", {"author": "alice"})],
)
def test_wish_that_cannot_be_is_refused_at_once(alice: Classroom, root: str, options: dict[str, object]) -> None:
    """A wrong name or content raises in the cell."""
    with pytest.raises(InvalidInput):
        alice.document(root, **options)  # type: ignore[arg-type]


class Page:
    """A view as a widget has one: it keeps a Y.Doc of its own in step."""

    def __init__(self, model: CodeModel) -> None:
        self.model = model
        self.updates: list[tuple[bytes, object]] = []
        self.awareness: list[bytes] = []
        self.resets = 0
        self.queries = 0
        self.changed = threading.Condition()

    def on_update(self, update: bytes, origin: object) -> None:
        """Note a change."""
        with self.changed:
            self.updates.append((update, origin))
            self.changed.notify_all()

    def on_reset(self) -> None:
        """Note that the document was replaced."""
        with self.changed:
            self.resets += 1
            self.changed.notify_all()

    def on_awareness(self, state: bytes) -> None:
        """Note a cursor."""
        with self.changed:
            self.awareness.append(state)
            self.changed.notify_all()

    def on_awareness_query(self) -> None:
        """Note that the cursor is wanted again."""
        with self.changed:
            self.queries += 1
            self.changed.notify_all()

    def wait(self, is_there: object) -> None:
        """Wait until something was noted."""
        with self.changed:
            assert self.changed.wait_for(is_there, SECONDS), vars(self)  # type: ignore[arg-type]

    def pull(self) -> tuple[bytes, bytes, int]:
        """Return everything from the model."""
        answers: list[tuple[bytes, bytes, int]] = []
        done = threading.Event()

        def take(update: bytes, state_vector: bytes, epoch: int) -> None:
            answers.append((update, state_vector, epoch))
            done.set()

        self.model.get_update(b"\x00", take)
        assert done.wait(SECONDS)
        return answers[0]


def edited(update: bytes, text: str) -> bytes:
    """Return a page's edit: `text` in front of the code."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(update)
    edits: list[bytes] = []
    doc.observe(lambda event: edits.append(event.update))
    doc.get("data", type=pycrdt.Map)["code"].insert(0, text)
    return edits[0]


def shown(first: bytes, page: Page) -> str:
    """Return the code that a page shows after all it was told."""
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    for update in (first, *(update for update, _ in page.updates)):
        doc.apply_update(update)
    return str(doc.get("data", type=pycrdt.Map)["code"])


def test_edit_of_a_page_reaches_everybody_and_its_origin_is_told(alice: Classroom, bob: Classroom) -> None:
    """An update of one view goes to the hub, the trait and the other views, with its origin."""
    mine, theirs = opened(alice), opened(bob)
    page, second = Page(mine), Page(mine)
    mine.attach(page)
    mine.attach(second)
    update, _, epoch = page.pull()
    done = threading.Event()

    mine.apply_update(edited(update, "# page\n"), page, epoch, done.set)

    assert done.wait(SECONDS)
    second.wait(lambda: [origin for _, origin in second.updates] == [page])
    wait_value(theirs, "code", "# page\nx = 1\n")
    assert mine.code == "# page\nx = 1\n"
    assert page.updates == []


def test_pages_are_told_of_many_changes_in_few_messages(alice: Classroom) -> None:
    """Hundreds of edits a second are bundled for the browser, and none is missing."""
    model = opened(alice)
    page = Page(model)
    update, _, _ = page.pull()
    model.attach(page)

    for number in range(500):
        model.code += f"{number}\n"
    model.wait_saved()

    page.wait(lambda: shown(update, page) == model.code)
    assert len(page.updates) < 100


def test_detached_page_hears_nothing(alice: Classroom) -> None:
    """After detaching, changes go elsewhere."""
    model = opened(alice)
    page, stays = Page(model), Page(model)
    model.attach(stays)
    detach = model.attach(page)
    detach()

    model.code = "x = 2\n"

    stays.wait(lambda: stays.updates)
    assert page.updates == []


def test_rubbish_of_a_page_harms_nobody(alice: Classroom) -> None:
    """Bytes that are no update are dropped, and the page is answered."""
    model = opened(alice)
    done = threading.Event()

    model.apply_update(b"\xff\xff rubbish", "page", model.epoch, done.set)

    assert done.wait(SECONDS)
    model.code = "still alive\n"
    model.wait_saved()


def test_cursor_reaches_the_others(alice: Classroom, bob: Classroom) -> None:
    """Awareness of a page is shown in the other kernel's pages with the sender's true name."""
    mine, theirs = opened(alice), opened(bob)
    page = Page(theirs)
    theirs.attach(page)
    awareness = pycrdt.Awareness(pycrdt.Doc())
    awareness.set_local_state({"user": {"name": "somebody else"}, "cursor": 1})

    mine.send_awareness(awareness.encode_awareness_update([awareness.client_id]))

    page.wait(lambda: page.awareness)
    assert b"Alice" in page.awareness[0]


def test_offline_start_is_merged_when_the_hub_answers(
    a_mortal_hub: HubProcess, connect_as: ConnectAs, a_course: str
) -> None:
    """A notebook that starts without a hub is editable at once; its edits are merged with what the hub has."""
    tokens = {name: a_mortal_hub.token(name) for name in (ALICE, BOB)}
    theirs = opened(connect_as(BOB, a_mortal_hub), init="a\nb\nc\n")
    theirs.code = "a\nb\nC\n"
    theirs.wait_saved()
    a_mortal_hub.stop()
    room = connect(a_mortal_hub.url, tokens[ALICE], a_course)
    try:
        mine = room.document("shared", init="a\nb\nc\n", shared=True)
        assert isinstance(mine, CodeModel)
        assert (mine.code, mine.is_loaded, mine.save_state) == ("a\nb\nc\n", False, "offline")
        page = Page(mine)
        mine.attach(page)
        epoch = mine.epoch
        mine.code = "A\nb\nc\n"

        a_mortal_hub.start()
        mine.wait_loaded(60)
        mine.wait_saved(60)

        assert mine.code == "A\nb\nC\n"
        assert mine.epoch == epoch + 1
        page.wait(lambda: page.resets == 1)
        wait_value(theirs, "code", "A\nb\nC\n", 60)
    finally:
        room.close(1)


def test_edit_of_a_page_for_a_replaced_document_is_carried_over(a_mortal_hub: HubProcess, a_course: str) -> None:
    """What was typed in the moment of the replacement is not lost."""
    token = a_mortal_hub.token(ALICE)
    a_mortal_hub.stop()
    room = connect(a_mortal_hub.url, token, a_course)
    try:
        model = room.document("shared", init="x\n")
        assert isinstance(model, CodeModel)
        page = Page(model)
        model.attach(page)
        update, _, epoch = page.pull()
        a_mortal_hub.start()
        model.wait_loaded(60)

        model.apply_update(edited(update, "late "), "page", epoch, None)

        wait_value(model, "code", "late x\n")
        model.wait_saved()
        assert a_mortal_hub.stored(model.id, ALICE) == {"code": "late x\n"}
    finally:
        room.close(1)


def test_document_that_is_put_away_hears_nothing_and_can_be_opened_again(alice: Classroom, bob: Classroom) -> None:
    """Closing a document stores the last change and ends the subscription."""
    mine, theirs = opened(alice), opened(bob)
    mine.code = "last\n"

    alice.close_document(mine)
    wait_value(theirs, "code", "last\n")
    theirs.code = "later\n"
    theirs.wait_saved()

    wait_for(mine, "save_detail", lambda detail: "put away" in detail)
    assert mine.code == "last\n"
    again = opened(alice)
    assert again is not mine
    assert again.code == "later\n"


def test_pages_learn_how_to_reach_the_hub_themselves(alice: Classroom) -> None:
    """The model names document, epoch and user once the document is the hub's, and nothing when it was put away."""
    model = opened(alice)
    assert alice.user is not None

    assert model.lane == {"document": model.id, "epoch": model.epoch, "user": alice.user.id}

    alice.close_document(model)
    wait_value(model, "lane", {})
