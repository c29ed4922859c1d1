"""The content that a new document gets."""

from __future__ import annotations

import pytest

from teaching_nb.client.documents.initial_data import initial_data
from teaching_nb.errors import InvalidInput, TooLarge
from teaching_nb.schema.limits import LIVE_TEXT_BYTES


@pytest.mark.parametrize(
    ("type_name", "init", "data"),
    [
        ("code", None, {"code": ""}),
        ("code", "x = 1\r\ny = 2\r", {"code": "x = 1\ny = 2\n"}),
        ("string", {"text": "t", "more": 1}, {"text": "t", "more": 1}),
        ("task_state", None, {"state": "unset"}),
        ("task_state", {"state": "checked"}, {"state": "checked"}),
        ("excalidoc", None, {}),
        ("excalidoc", {"elements": []}, {"elements": []}),
    ],
)
def test_init_becomes_data(type_name: str, init: object, data: object) -> None:
    """A text, an object or nothing makes the data that the type wants."""
    assert initial_data(type_name, init) == data


@pytest.mark.parametrize(
    ("type_name", "init"),
    [
        ("task_state", "checked"),
        ("task_state", {"state": "nonsense"}),
        ("code", {"code": 1}),
        ("", None),
        ("x", {1j: 2}),
        ("code", "a\0b"),
    ],
)
def test_init_that_does_not_fit_is_refused(type_name: str, init: object) -> None:
    """The mistake is found before anything is sent."""
    with pytest.raises(InvalidInput):
        initial_data(type_name, init)


def test_init_above_the_limit_is_refused_with_size_and_limit() -> None:
    """A text that the hub would not take is refused at once."""
    with pytest.raises(TooLarge, match=str(LIVE_TEXT_BYTES)):
        initial_data("code", "x" * LIVE_TEXT_BYTES)
