"""The history of a document as a notebook sees it, with a real hub."""

from __future__ import annotations

import threading

import pytest

from teaching_nb.client import Classroom
from teaching_nb.client.models.code import CodeModel
from teaching_nb.client.models.history import Version
from teaching_nb.errors import Forbidden, NotConnected, NotFound
from tests.harness.offline import offline_model
from tests.harness.waiting import wait_value


def opened(room: Classroom, *, shared: bool | str = True) -> CodeModel:
    """Return the model of the course's document, loaded."""
    model = room.document("history", init="x = 1\n", shared=shared)
    assert isinstance(model, CodeModel)
    model.wait_loaded(20)
    return model


def test_history_lists_who_wrote_what(alice: Classroom) -> None:
    """The newest version is the present text, the oldest what was there before anybody edited."""
    model = opened(alice)
    model.code = "x = 2\n"
    model.wait_saved(20)

    newest, start = model.history

    assert (newest.text, start.text) == ("x = 2\n", "x = 1\n")
    assert (newest.kind, start.kind) == ("edit", "start")
    assert newest.authors == ("Alice Adams",)
    assert newest.data == {"code": "x = 2\n"}
    assert start.created_at <= newest.created_at


def test_restoring_reaches_everybody(alice: Classroom, bob: Classroom) -> None:
    """The model of who restores shows the old text at once, that of the others soon; it can be undone."""
    mine, theirs = opened(alice), opened(bob)
    mine.code = "x = 2\n"
    mine.wait_saved(20)
    start = mine.history[-1]

    mine.restore(start.number)
    assert mine.code == "x = 1\n"
    wait_value(theirs, "code", "x = 1\n")

    replaced = mine.history[1]
    theirs.restore(replaced.number)
    assert theirs.code == "x = 2\n"


def test_text_that_a_kernel_replaces_at_once_is_a_version(alice: Classroom, bob: Classroom) -> None:
    """What one person's program assigned is kept when another's assigns something else right after it."""
    mine, theirs = opened(alice), opened(bob)
    whole = "".join(f"print({number})\n" for number in range(40))
    mine.code = whole
    mine.wait_saved(20)
    wait_value(theirs, "code", whole)

    theirs.code = ""
    theirs.wait_saved(20)

    assert [version.text for version in mine.history] == ["", whole, "x = 1\n"]
    theirs.restore(theirs.history[1].number)
    wait_value(mine, "code", whole)


def test_readers_are_told_why_they_see_no_history(tina: Classroom, bob: Classroom) -> None:
    """Who may only read gets a sentence, for looking and for restoring."""
    model = opened(tina, shared="read")
    model.code = "secret\n"
    model.wait_saved(20)
    model.code = "published\n"
    model.wait_saved(20)
    theirs = opened(bob, shared="read")

    with pytest.raises(Forbidden, match="for those who may change it"):
        _ = theirs.history
    with pytest.raises(Forbidden):
        theirs.restore(1)
    assert model.code == "published\n"


def test_version_that_is_not_kept_is_not_found(alice: Classroom) -> None:
    """A wrong number is an error that names it."""
    with pytest.raises(NotFound, match="version 99"):
        opened(alice).restore(99)


def test_history_needs_a_hub() -> None:
    """Without one there is an error instead of an empty list."""
    with pytest.raises(NotConnected):
        _ = offline_model("code", "x = 1").history


class Answers:
    """What was answered to a request, and what it was refused with."""

    def __init__(self) -> None:
        self._is_told = threading.Event()
        self.versions: list[Version] = []
        self.refusal = ""

    def answered(self, versions: list[Version]) -> None:
        """Take an answer."""
        self.versions = versions
        self._is_told.set()

    def refused(self, words: str) -> None:
        """Take a refusal."""
        self.refusal = words
        self._is_told.set()

    def wait(self) -> None:
        """Return when either has come."""
        assert self._is_told.wait(20)


def test_request_answers_without_waiting(alice: Classroom) -> None:
    """A widget gets its answer on another thread, and a sentence when the classroom is closed."""
    model = opened(alice)
    model.code = "x = 2\n"
    model.wait_saved(20)
    assert model.past is not None
    first, second = Answers(), Answers()

    model.past.request_versions(first.answered, first.refused)
    first.wait()
    alice.close(1)
    model.past.request_versions(second.answered, second.refused)
    second.wait()

    assert [version.number for version in first.versions] == [2, 1]
    assert "closed" in second.refusal
