"""Every known document type has all that belongs to one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents, wire
from teaching_nb.schema.roots import root_id, shared_root_id
from teaching_nb.widgets.code import CodeWidget
from teaching_nb.widgets.document import widget_class
from teaching_nb.widgets.other import OtherWidget, watching_class
from tests.harness.cast import ALICE
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_model
from tests.harness.waiting import wait_until

PROJECT = Path(__file__).parents[2]


CODE_BY_ANOTHER_NAME = ["pyodide_code", "script"]
WITHOUT_A_CALL = ["file", "last_run", *CODE_BY_ANOTHER_NAME, "quiz_key", "text_message"]
"""Types that notebooks do not show by a call of their own."""


@pytest.mark.parametrize("name", documents.known_types())
def test_every_type_has_data_a_model_and_a_row(name: str) -> None:
    """Default data that fits, a model with it, and a place in the documentation."""
    known = documents.document_type(name)
    assert known is not None
    documents.check_data(name, wire.to_plain(known.data()))

    assert offline_model(name, None).type == name
    assert (known.call == "") == (name in WITHOUT_A_CALL)
    call = f"`tnb.{known.call}(" if known.call else "– |"
    rows = (PROJECT / "docs" / "document-types.md").read_text().splitlines()
    assert any(row.startswith(f"| {call}") and f"| `{name}`" in row for row in rows)


@pytest.mark.parametrize("name", [name for name in documents.known_types() if name not in WITHOUT_A_CALL])
def test_every_type_that_is_shown_is_whole(name: str) -> None:
    """A widget that needs no more than the model, a browser half, and a call."""
    known = documents.document_type(name)
    assert known is not None
    model = offline_model(name, None)
    shown = widget_class(model)
    assert shown is not None
    widget = shown(model, title="watched")

    assert (widget.kind, widget.title, widget.model) == (name, "watched", model)
    assert (PROJECT / "js" / "src" / "widgets" / name / "index.ts").is_file()
    assert getattr(tnb, known.call).__module__ == f"teaching_nb.widgets.{name}"
    assert known.call in dir(tnb)


AS_STORED = ["excalidoc", "netpbm_graphic", "_unknown_", *sorted(set(WITHOUT_A_CALL) - set(CODE_BY_ANOTHER_NAME))]


@pytest.mark.parametrize("name", AS_STORED)
def test_a_type_without_a_widget_is_shown_as_it_is_stored(name: str) -> None:
    """Whatever it holds, and what comes later; nothing of it can be assigned by a page."""
    model = offline_model(name, None)
    model.show_data([1, {"any": "thing"}])
    widget = watching_class(model)(model, title="watched")

    assert isinstance(widget, OtherWidget)
    assert (widget.kind, widget.document_type, widget.stored) == ("other", name, [1, {"any": "thing"}])
    model.show_data({"now": None})
    assert widget.stored == {"now": None}
    widget._handle_custom_msg({"kind": "assign", "peer": "p", "ask": 1, "key": "now", "value": 1}, [])
    assert "did not work" in widget.problem
    assert model.data == {"now": None}


@pytest.mark.parametrize("name", CODE_BY_ANOTHER_NAME)
def test_code_of_the_platform_is_code(name: str, alice: Classroom, bob: Classroom, a_hub: HubProcess) -> None:
    """It has a live text and a history as `code` has, the same page, and a call; a record of another program opens."""
    slug = f"{name}-of-a-page"
    body = {"documentRootId": shared_root_id(root_id(slug, alice.course), name), "type": name, "shared": True}
    body |= {"ownRootId": root_id(slug, alice.course), "data": {"code": "print(1)", "theirs": 1}}
    a_hub.ask("POST", "/documents/main", ALICE, body | {"root": {"sharedAccess": "RW_DocumentRoot"}})

    mine: Any = tnb.code(slug, shared=True, type=name, room=alice)
    theirs: Any = tnb.code(slug, shared=True, type=name, room=bob)
    for cell in (mine, theirs):
        cell.model.wait_loaded(30)
    mine.model.edit(lambda code: code + "\nprint(2)")
    mine.model.wait_saved(30)

    wait_until(lambda: theirs.code == "print(1)\nprint(2)", "the other one sees it")
    assert a_hub.stored(mine.model.id, ALICE) == {"code": "print(1)\nprint(2)", "theirs": 1}
    assert (mine.kind, mine.mark["type"], mine.language) == ("code", name, "python")
    assert mine.model.history[0].text == theirs.code
    shown = watching_class(bob.open_document(mine.model.id))
    assert issubclass(shown, CodeWidget)


def test_a_code_cell_of_another_type_is_refused() -> None:
    """With the types that there are."""
    with pytest.raises(InvalidInput, match="code, script or pyodide_code, not 'string'"):
        tnb.code("any", type="string", room=object())


def test_a_quiz_that_is_watched_is_not_asked_for_its_questions() -> None:
    """They stand in the notebook of whoever answers them; the page shows the answers instead."""
    model = offline_model("quiz", None)

    assert watching_class(model) is OtherWidget


@pytest.mark.parametrize("stored", [["checked"], "checked", 7])
def test_what_is_no_object_is_handed_to_the_page_and_kept(stored: object) -> None:
    """The widget of a known type has the default data then, and what is stored beside it."""
    model = offline_model("task_state", None)
    model.show_data(stored)
    shown = widget_class(model)
    assert shown is not None
    widget: Any = shown(model)

    assert (widget.data, widget.misfits, model.data) == ({}, [{"key": "", "value": stored}], stored)
    model.show_data({"state": "checked"})
    assert (widget.data, widget.misfits) == ({"state": "checked"}, [])
