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


@pytest.mark.parametrize("name", documents.known_types())
def test_every_type_is_whole(name: str) -> None:
    """Default data that fits, a model, a widget that needs no more than that, a browser half, a call and a row."""
    known = documents.document_type(name)
    assert known is not None
    documents.check_data(name, wire.to_plain(known.data()))
    model = offline_model(name, None)
    widget = widget_class(model)(model, title="watched")

    assert (widget.kind, widget.title, widget.model) == (name, "watched", model)
    assert (PROJECT / "js" / "src" / "widgets" / name / "index.ts").is_file()
    assert getattr(tnb, known.call).__module__ == f"teaching_nb.widgets.{name}"
    assert known.call in dir(tnb)
    rows = (PROJECT / "docs" / "document-types.md").read_text().splitlines()
    assert any(row.startswith(f"| `tnb.{known.call}(") and f"| `{name}` |" in row for row in rows)


def test_a_type_without_a_widget_is_told() -> None:
    """The sentence says where its content can be seen."""
    model = offline_classroom().document(wire.new_id(), type="excalidoc")

    with pytest.raises(InvalidInput, match=r"type excalidoc cannot be shown here: look at `.data`"):
        widget_class(model)
