"""Every known document type has all that belongs to one."""

from __future__ import annotations

from pathlib import Path

import pytest

import teaching_nb as tnb
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents, wire
from teaching_nb.widgets.document import widget_class
from tests.harness.offline import offline_classroom, offline_model

PROJECT = Path(__file__).parents[2]


WITHOUT_A_CALL = ["last_run", "quiz_key", "text_message"]
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
    widget = widget_class(model)(model, title="watched")

    assert (widget.kind, widget.title, widget.model) == (name, "watched", model)
    assert (PROJECT / "js" / "src" / "widgets" / name / "index.ts").is_file()
    assert getattr(tnb, known.call).__module__ == f"teaching_nb.widgets.{name}"
    assert known.call in dir(tnb)


def test_a_type_without_a_widget_is_told() -> None:
    """The sentence says where its content can be seen."""
    model = offline_classroom().document(wire.new_id(), type="excalidoc")

    with pytest.raises(InvalidInput, match=r"type excalidoc cannot be shown here: look at `.data`"):
        widget_class(model)
