"""A classroom where there is no hub: nobody looks for one, and nothing seems to be saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.connecting import connect_here
from teaching_nb.client.models.code import CodeModel
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import ConfigurationError, NotConnected
from tests.harness.waiting import wait_value

SOME_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def a_room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Classroom]:
    """Return the classroom of a notebook that nobody has given a hub."""
    monkeypatch.delenv("TEACHING_NB_URL", raising=False)
    monkeypatch.delenv("TEACHING_NB_TOKEN", raising=False)
    room, why = connect_here("maths")
    assert "no Jupyter server with" in why
    yield room
    room.close()


def test_documents_hold_the_notebooks_own_content(a_room: Classroom) -> None:
    """Text and data are there at once, can be changed, and are one document for whoever asks twice."""
    model = a_room.document("fib", init="x = 1")
    task = a_room.document("ex", type="task_state")
    assert isinstance(model, CodeModel)

    model.code += "\nx"
    model.edit(lambda text: text + " + 1")
    task.state = "checked"  # type: ignore[attr-defined]  # a trait of the type

    assert model.code == "x = 1\nx + 1"
    wait_value(task, "data", {"state": "checked"})
    assert a_room.document("fib", init="another") is model


def test_save_state_is_true(a_room: Classroom) -> None:
    """Nothing is ever called saved, or kept to be sent later, before and after an edit."""
    model = a_room.document("fib", init="x = 1")
    assert (model.save_state, model.is_loaded, model.access) == ("offline", False, "")
    before = model.save_detail

    model.code = "y"  # type: ignore[attr-defined]  # a trait of the type

    assert model.save_state == "offline"
    assert model.save_detail == before
    assert "no hub here" in before
    assert "sent" not in before
    assert model.has_unsaved


@pytest.mark.parametrize(
    "wait",
    [
        lambda room, _model: room.wait_live(60),
        lambda _room, model: model.wait_loaded(60),
        lambda _room, model: model.wait_saved(60),
        lambda room, _model: room.documents_of(SOME_ID),
        lambda room, _model: room.open_document(SOME_ID),
    ],
)
@pytest.mark.timeout(30)
def test_nobody_waits_for_what_does_not_come(
    a_room: Classroom, wait: Callable[[Classroom, DocumentModel], object]
) -> None:
    """Whatever needs the hub raises at once."""
    model = a_room.document("fib", init="x = 1")
    model.code = "y"  # type: ignore[attr-defined]  # a trait of the type

    with pytest.raises(NotConnected, match="no hub here"):
        wait(a_room, model)


def test_it_says_what_it_is_and_ends(a_room: Classroom) -> None:
    """Its representation names no address; closing ends its thread."""
    a_room.document("fib")
    assert repr(a_room) == "<Classroom course 'maths' without a hub: 1 documents>"
    assert not a_room.is_live

    a_room.close()

    assert a_room.is_closed
    assert "teaching-nb" not in {thread.name for thread in threading.enumerate() if thread is a_room._loop._thread}


def test_half_an_address_is_still_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub without a token is no notebook without a hub: it is said what is missing."""
    monkeypatch.setenv("TEACHING_NB_URL", "https://hub.school.test")
    monkeypatch.delenv("TEACHING_NB_TOKEN", raising=False)

    with pytest.raises(ConfigurationError, match="no token"):
        connect_here()
