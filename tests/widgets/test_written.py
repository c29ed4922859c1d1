"""What a notebook's file holds of each call, beside the widget."""

from __future__ import annotations

from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.schema import documents
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import wait_until

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "choice": (["a", "b"],),
    "progress": (["a", "b"],),
    "quiz": ([{"qid": "a", "ask": "Is it so?"}],),
}
"""What a call needs besides the slug."""

CALLS = {
    name: known.call for name in documents.known_types() if (known := documents.document_type(name)) and known.call
}
"""Type → the call that shows it."""

SECRET = "xyzzy"
VIEW = "application/vnd.jupyter.widget-view+json"


def shown(call: str, slug: str) -> Any:
    """Return what a notebook would show for a call."""
    # Comments are on something, which their author has to be connected for to name it by its slug.
    what = offline_model("code", "x = 1") if call == "comments" else slug
    return getattr(tnb, call)(what, *ARGUMENTS.get(call, ()), title="My *title*", room=offline_classroom())


def written(widget: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the file gets of an output: data and metadata."""
    data, metadata = widget._repr_mimebundle_()
    return dict(data), dict(metadata)


@pytest.mark.parametrize("call", CALLS.values())
def test_every_output_can_stand_in_for_its_widget(call: str) -> None:
    """A page without the widget finds our mark, and its name as text and as Markdown, or has a raw error there."""
    data, metadata = written(shown(call, f"written-{call}"))

    assert data.keys() == {"text/plain", "text/markdown", VIEW}
    assert data["text/plain"].startswith("My *title*")
    assert data["text/markdown"].startswith("**My &#42;title&#42;**")
    assert "teaching_nb" in metadata


def test_the_overview_of_rooms_can_be_stood_in_for() -> None:
    """It has no document, and its mark and words all the same."""
    data, metadata = written(tnb.rooms(room=offline_classroom()))

    assert data.keys() == {"text/plain", "text/markdown", VIEW}
    words = "run this cell in a notebook to see groups and people"
    assert (data["text/plain"], data["text/markdown"]) == (f"teaching_nb: {words}", f"**teaching&#95;nb**: {words}")
    assert metadata["teaching_nb"] == {"is_invitation": True}


@pytest.mark.parametrize("call", CALLS.values())
def test_what_others_are_not_to_read_is_no_part_of_the_file(call: str) -> None:
    """An output invites and says so, or holds the user's own document; one that is withheld holds nothing of it."""
    widget = shown(call, f"secret-{call}")
    data, metadata = written(widget)
    is_invitation = metadata["teaching_nb"] == {"is_invitation": True}

    assert is_invitation == widget.is_withheld
    assert is_invitation == ("(as of " not in data["text/plain"])
    if not is_invitation:
        return
    widget.model.show_data({"text": SECRET, "code": SECRET, "name": SECRET, "documentRootIds": [SECRET]})
    wait_until(lambda: SECRET in str(widget.model.data), "the model holds it")
    widget.show_model()
    assert SECRET not in str(written(widget))
    assert SECRET not in str(widget.get_state())
