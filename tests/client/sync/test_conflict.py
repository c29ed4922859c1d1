"""Two versions of the same lines: what cannot be merged stays with its author, and nobody else ever sees it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from teaching_nb.client import Classroom, CodeModel, connect
from teaching_nb.errors import Forbidden
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.client.sync.test_live_text import Page, edited, opened
from tests.harness.cast import ALICE, BOB, TEACHER
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import SECONDS, wait_until, wait_value

TEMPLATE = "def fib(n): ..."
THEIRS = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)"
APPENDED = "\nprint(fib(10))"
MINE = TEMPLATE + APPENDED


@dataclass
class Lesson:
    """A shared text that Bob has written, and Alice in a notebook that has started without the hub."""

    hub: HubProcess
    room: Classroom
    mine: CodeModel
    theirs: CodeModel

    def meet(self) -> None:
        """Let the hub come back to Alice, with edits that cannot be merged."""
        if not self.hub.is_running:
            self.hub.start()
        self.mine.wait_loaded(60)
        wait_value(self.mine, "save_state", "refused")

    @property
    def stored(self) -> str:
        """Return the text as the hub has it."""
        return str(self.hub.stored(self.theirs.id, BOB)["code"])


@pytest.fixture
def beside() -> dict[str, int]:
    """Return what Bob has written beside the text."""
    return {}


@pytest.fixture
def a_lesson(
    a_mortal_hub: HubProcess, connect_as: ConnectAs, a_course: str, beside: dict[str, int]
) -> Iterator[Lesson]:
    """Return what is written at the hub, and a notebook that could not ask for it."""
    token = a_mortal_hub.token(ALICE)
    theirs = opened(connect_as(BOB, a_mortal_hub), init=TEMPLATE)
    theirs.data = {"code": THEIRS, **beside}
    theirs.wait_saved(SECONDS)
    a_mortal_hub.stop()
    room = connect(a_mortal_hub.url, token, a_course)
    mine = room.document("shared", init=TEMPLATE, shared=True)
    assert isinstance(mine, CodeModel)
    yield Lesson(a_mortal_hub, room, mine, theirs)
    room.close(1)


@pytest.fixture
def a_conflict(a_lesson: Lesson) -> Lesson:
    """Return the same after both have changed the same line."""
    a_lesson.mine.code += APPENDED
    a_lesson.meet()
    return a_lesson


def test_what_cannot_be_merged_stays_with_its_author(a_conflict: Lesson) -> None:
    """The shared text is as the others left it, for everybody; the own version waits beside it, whole."""
    model = a_conflict.mine

    assert (model.code, a_conflict.theirs.code, a_conflict.stored) == (THEIRS, THEIRS, THEIRS)
    assert model.conflict is not None
    assert (model.conflict.mine, model.conflict.theirs) == (MINE, THEIRS)
    assert model.has_unsaved
    assert "your version" in model.save_detail
    with pytest.raises(Forbidden, match=r"not saved: .*conflict.*use_mine"):
        model.wait_saved()


def test_own_version_replaces_the_shared_one_when_its_author_says_so(a_conflict: Lesson) -> None:
    """`use_mine` is an edit like any other: it is stored, and everybody sees it."""
    model = a_conflict.mine
    conflict = model.conflict
    assert conflict is not None

    conflict.use_mine()
    assert model.code == MINE
    model.wait_saved(SECONDS)

    assert (model.conflict, model.save_state) == (None, "saved")
    wait_value(a_conflict.theirs, "code", MINE)
    assert a_conflict.stored == MINE


def test_shared_text_is_kept_when_the_author_says_so(a_conflict: Lesson) -> None:
    """`keep_theirs` forgets the own version, and changes nothing for anybody."""
    model = a_conflict.mine
    conflict = model.conflict
    assert conflict is not None

    conflict.keep_theirs()
    model.wait_saved(SECONDS)

    assert (model.conflict, model.code, model.save_state) == (None, THEIRS, "saved")
    assert a_conflict.stored == THEIRS


def test_new_edits_are_saved_while_a_version_waits(a_conflict: Lesson) -> None:
    """The shared text can be edited as ever; it is only not said that everything is saved."""
    model = a_conflict.mine

    model.code += "\n# shared"
    with pytest.raises(Forbidden, match="not saved"):
        model.wait_saved(SECONDS)

    wait_value(a_conflict.theirs, "code", THEIRS + "\n# shared")
    assert a_conflict.stored == THEIRS + "\n# shared"
    assert model.conflict is not None
    assert model.conflict.mine == MINE


def test_discarding_edits_keeps_the_version(a_conflict: Lesson) -> None:
    """`discard` is about edits of the shared text; a version goes when its author has decided about it."""
    a_conflict.mine.discard()

    assert a_conflict.mine.conflict is not None
    assert a_conflict.mine.conflict.mine == MINE


def test_document_is_not_put_away_while_a_version_waits(a_conflict: Lesson) -> None:
    """Closing a document does not drop what only this notebook has."""
    with pytest.raises(Forbidden):
        a_conflict.room.close_document(a_conflict.mine)

    assert a_conflict.mine.conflict is not None


def test_version_is_done_with_when_everybody_has_it(a_conflict: Lesson) -> None:
    """Somebody who brings the same text into the document has decided too."""
    a_conflict.theirs.code = MINE

    wait_value(a_conflict.mine, "unmerged", [])
    wait_value(a_conflict.mine, "save_state", "saved")


def test_late_edit_of_a_page_belongs_to_the_version(a_lesson: Lesson) -> None:
    """What was typed into the own version as the hub's text came is in that version, not in everybody's."""
    model = a_lesson.mine
    page = Page(model)
    update, _, epoch = page.pull()
    model.code += APPENDED
    a_lesson.meet()

    model.apply_update(edited(update, "late "), "page", epoch, None)

    wait_value(model, "unmerged", [f"late {MINE}"])
    assert model.code == THEIRS
    conflict = model.conflict
    assert conflict is not None
    conflict.keep_theirs()
    model.apply_update(edited(update, "later "), "page", epoch, None)
    model.wait_saved(SECONDS)
    assert (model.conflict, model.code, a_lesson.stored) == (None, THEIRS, THEIRS)


def test_late_edit_alone_is_merged_or_kept_like_any_other(a_lesson: Lesson) -> None:
    """A page that typed while nothing of it reached the kernel cannot damage the shared text either."""
    model = a_lesson.mine
    page = Page(model)
    update, _, epoch = page.pull()
    a_lesson.hub.start()
    model.wait_loaded(60)
    wait_value(model, "code", THEIRS)

    model.apply_update(edited(update, "late "), "page", epoch, None)

    wait_value(model, "unmerged", [f"late {TEMPLATE}"])
    assert (model.code, a_lesson.stored) == (THEIRS, THEIRS)


def test_readers_version_waits_too(a_lesson: Lesson, a_course: str) -> None:
    """Who may only read is told so; the own version is kept as it was."""
    a_lesson.mine.code += APPENDED
    a_lesson.hub.start()
    root = shared_root_id(root_id("shared", a_course), "code")
    permission = {"documentRootId": root, "userId": a_lesson.hub.person(ALICE).id}
    a_lesson.hub.ask("POST", "/permissions/user", TEACHER, {**permission, "access": "RO_User"})

    wait_value(a_lesson.mine, "save_state", "read-only", 60)

    wait_value(a_lesson.mine, "unmerged", [MINE])
    assert "your version" in a_lesson.mine.save_detail
    with pytest.raises(Forbidden, match="not saved"):
        a_lesson.mine.wait_saved()


def test_versions_of_several_kernels_and_runs_are_never_put_into_each_other(
    a_conflict: Lesson, a_course: str, connect_as: ConnectAs
) -> None:
    """The same code in kernel after kernel without a hub leaves the shared text alone, and each version whole."""
    hub = a_conflict.hub
    for _ in range(3):
        hub.stop()
        room = connect(hub.url, hub.token(ALICE), a_course)
        again = room.document("shared", init=TEMPLATE, shared=True)
        assert isinstance(again, CodeModel)
        again.code += APPENDED
        hub.start()
        wait_value(again, "unmerged", [MINE], 60)
        assert again.code == THEIRS
        room.close(1)

    assert opened(connect_as(BOB, hub)).code == THEIRS
    assert a_conflict.stored == THEIRS
    assert a_conflict.mine.conflict is not None
    assert a_conflict.mine.conflict.mine == MINE


def test_version_of_an_earlier_kernel_waits_behind_the_own_one(a_conflict: Lesson) -> None:
    """A page hands over what a kernel that ended could not merge; each is decided about by itself."""
    model = a_conflict.mine
    model.set_aside("earlier")
    model.set_aside("earlier")
    model.set_aside(THEIRS)
    assert model.conflict is not None

    model.conflict.keep_theirs()
    wait_value(model, "unmerged", ["earlier"])
    assert model.conflict is not None
    model.conflict.keep_theirs()

    wait_value(model, "unmerged", [])
    model.wait_saved(SECONDS)


@pytest.mark.parametrize("beside", [{"mark": 1}])
def test_values_beside_the_text_that_were_replaced_are_named(a_lesson: Lesson) -> None:
    """Of a value that both have changed the own one is stored, and the sentence says what was there."""
    a_lesson.mine.data = {"code": TEMPLATE, "mark": 2}
    a_lesson.hub.start()

    a_lesson.mine.wait_loaded(60)
    wait_until(lambda: "mark was 1" in a_lesson.mine.save_detail, "what was replaced is named", 60)
    a_lesson.mine.wait_saved(60)

    assert a_lesson.hub.stored(a_lesson.theirs.id, BOB) == {"code": THEIRS, "mark": 2}
