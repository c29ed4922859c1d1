"""The registry of document types."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.errors import InvalidInput
from teaching_nb.schema.documents import (
    check_data,
    document_type,
    known_types,
    live_text_keys,
)
from teaching_nb.schema.types.task_state import STATES


def test_live_text_keys_belong_to_texts_alone() -> None:
    """Code and answers are edited together; a tick box is not."""
    assert live_text_keys("code") == ("code",)
    assert live_text_keys("string") == ("text",)
    assert live_text_keys("task_state") == ()
    assert live_text_keys("something else") == ()


@pytest.mark.parametrize("name", known_types())
def test_defaults_of_known_types_fit_them(name: str) -> None:
    """An empty document of every type is a good one."""
    assert document_type(name) is not None
    check_data(name, {})


@pytest.mark.parametrize("data", [None, 1, [], {"x": [1]}, {"code": 3}])
def test_unknown_types_take_anything(data: Any) -> None:
    """What nobody here understands is not judged."""
    assert document_type("mdx-quiz") is None
    check_data("mdx-quiz", data)


@pytest.mark.parametrize(
    ("name", "data", "place"),
    [
        ("code", {"code": 3}, r"\$\.code"),
        ("string", {"text": None}, r"\$\.text"),
        ("task_state", {"state": "done"}, r"\$\.state"),
        ("code", [], "code document"),
    ],
)
def test_wrong_data_is_refused_with_its_place(name: str, data: Any, place: str) -> None:
    """The message names the type and the key."""
    with pytest.raises(InvalidInput, match=place):
        check_data(name, data)


def test_task_states_are_those_of_the_existing_system() -> None:
    """The words are part of the wire."""
    assert STATES[0] == "unset"
    assert len(STATES) == 8
