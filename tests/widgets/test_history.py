"""The history between a model and the pages that show it, with a real hub."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client import Classroom, CodeModel
from teaching_nb.client.models.string import StringModel
from teaching_nb.widgets.code import CodeWidget
from teaching_nb.widgets.string import TextWidget
from tests.harness.backend_school import BackendSchool, a_present_school, opened
from tests.harness.offline import offline_model
from tests.harness.waiting import wait_value
from tests.widgets.recording import Sent

__all__ = ["a_present_school"]


def shown(room: Classroom, *, shared: bool | str = True) -> tuple[CodeWidget, Sent]:
    """Return a person's widget of the document, loaded, and what it sends to its pages."""
    model = room.document("history", init="x = 1\n", shared=shared)
    model.wait_loaded(30)
    widget = CodeWidget(model, user=room.user)  # type: ignore[arg-type]  # a document of type code
    sent = Sent()
    widget.send = sent  # what was sent is looked at
    return widget, sent


def say(widget: Any, kind: str, **content: Any) -> None:
    """Let a page send a message to a widget."""
    widget._handle_custom_msg({"kind": kind, "peer": "page", **content}, [])


def test_a_page_gets_list_text_and_restore(alice: Classroom) -> None:
    """Each answer goes to the page that asked, under the number of its question."""
    widget, sent = shown(alice)
    widget.model.code = "x = 2\n"  # type: ignore[attr-defined]  # a document of type code
    widget.model.wait_saved(30)

    say(widget, "history", ask=1)
    listed = sent.wait("answer", 1)
    say(widget, "version", ask=2, number=1)
    version = sent.wait("answer", 2)
    say(widget, "restore", ask=3, number=1)
    restored = sent.wait("answer", 3)

    assert (listed["to"], listed["ask"]) == ("page", 1)
    assert [(each["number"], each["authors"]) for each in listed["value"]["versions"]] == [
        (2, ["Alice Adams"]),
        (1, ["Alice Adams"]),
    ]
    assert (version["ask"], version["value"]) == (2, {"text": "x = 1\n"})
    assert (restored["ask"], restored["value"], restored["refusal"]) == (3, None, "")
    assert widget.model.code == "x = 1\n"  # type: ignore[attr-defined]  # a document of type code


@pytest.mark.parametrize(("kind", "content"), [("version", {"number": 77}), ("restore", {"number": 77})])
def test_a_refusal_goes_to_the_page_in_words(alice: Classroom, kind: str, content: dict[str, int]) -> None:
    """What the hub refuses is no error of the widget, but an answer."""
    widget, sent = shown(alice)

    say(widget, kind, ask=5, **content)
    refused = sent.wait("answer", 1)

    assert (refused["to"], refused["ask"], refused["value"]) == ("page", 5, None)
    assert "version 77" in refused["refusal"]
    assert widget.problem == ""


def test_without_a_hub_the_page_is_told_so() -> None:
    """A cell that has never met its hub answers at once."""
    widget = CodeWidget(offline_model("code", "x = 1"))
    sent = Sent()
    widget.send = sent  # what was sent is looked at

    say(widget, "history", ask=1)

    assert "has not answered" in sent.wait("answer")["refusal"]


def test_button_is_where_there_is_a_history(a_present_school: BackendSchool) -> None:
    """The school's existing backend has versions of code, and of no other text."""
    room = a_present_school.connect(a_present_school.sam)
    program, answer = opened(room, CodeModel, "program"), opened(room, StringModel, "answer", "x")

    shown_program = CodeWidget(program, user=room.user)
    shown_answer = TextWidget(answer, user=room.user)
    sent = Sent()
    shown_program.send = sent  # what was sent is looked at
    program.code = "x = 2\n"
    program.wait_saved(30)
    say(shown_program, "history", ask=1)

    assert (shown_program.has_history, shown_answer.has_history) == (True, False)
    (version,) = sent.wait("answer")["value"]["versions"]
    assert (version["number"], version["kind"], version["authors"]) == (1, "edit", ["Sam Test"])


def test_button_is_for_writers_and_for_who_looks_after_them(alice: Classroom, bob: Classroom, tina: Classroom) -> None:
    """Whoever may only read gets no button, but teachers and the authors of own documents do."""
    teachers, _ = shown(tina, shared="read")
    readers, _ = shown(bob, shared="read")
    authors, _ = shown(alice, shared=False)
    authors.model.gate.tell("access", "RO_DocumentRoot")

    assert (authors.has_history, readers.has_history, teachers.has_history) == (True, False, True)

    readers.model.gate.tell("access", "RW_DocumentRoot")
    wait_value(readers, "has_history", value=True)
