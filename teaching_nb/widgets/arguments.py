"""What a notebook gives to a call: checked before anything is opened, with an error that says what is allowed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire


def check_place(*, title: Any, course: Any, room: Any) -> None:
    """Refuse what cannot be the title of a document, its course, or the classroom that it is opened in."""
    for name, value in (("title", title), ("course", course)):
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"{name} is a text or None, not {value!r:.60}")
        wire.check_json(value, name)
    if room is not None and not isinstance(room, Classroom):
        raise InvalidInput(f"room is what tnb.connect() returns, or None, not {room!r:.60}")


def check_text(name: str, value: Any) -> None:
    """Refuse what is no text, or none that a page can be told."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is a text, not {value!r:.60}")
    wire.check_json(value, name)


def check_flag(name: str, value: Any) -> None:
    """Refuse what is neither True nor False."""
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} is True or False, not {value!r:.60}")


def texts(name: str, value: Any) -> list[str]:
    """Return texts in their order; raises `InvalidInput` for a text alone, for an empty one, and for what is none."""
    is_ordered = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if not is_ordered or not all(isinstance(each, str) for each in value):
        raise InvalidInput(f"{name} are a list of texts, not {value!r:.60}")
    wire.check_json(list(value), name)
    empty = next((number for number, each in enumerate(value, 1) if not each.strip()), None)
    if empty is not None:
        raise InvalidInput(f"{name} all say something, and number {empty} of them is {value[empty - 1]!r:.60}")
    return list(value)
