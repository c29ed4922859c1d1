"""Document types: the shape of `data` per type, and which of its keys are live text.

The hub stores any JSON for any type; this registry is for those who understand a type. Unknown types and
unknown keys survive untouched everywhere.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire

TaskState = Literal["unset", "checked", "question", "star", "star-half", "star-empty", "clock-check", "progress-check"]
TASK_STATES: tuple[TaskState, ...] = get_args(TaskState)


class CodeData(msgspec.Struct, rename="camel"):
    """Source code."""

    code: str = ""


class StringData(msgspec.Struct, rename="camel"):
    """A text answer."""

    text: str = ""


class TaskStateData(msgspec.Struct, rename="camel"):
    """The tick box of a task."""

    state: TaskState = "unset"


class DocumentType(msgspec.Struct, frozen=True):
    """What is known of one document type."""

    name: str
    data: type[msgspec.Struct]
    live_text: tuple[str, ...] = ()
    """Keys of `data` that several people may edit at once."""


_TYPES: dict[str, DocumentType] = {
    entry.name: entry
    for entry in (
        DocumentType("code", CodeData, ("code",)),
        DocumentType("string", StringData, ("text",)),
        DocumentType("task_state", TaskStateData),
    )
}


def document_type(name: str) -> DocumentType | None:
    """Return what is known of a type; None for one that nobody here understands."""
    return _TYPES.get(name)


def known_types() -> tuple[str, ...]:
    """Return the names of all known types."""
    return tuple(_TYPES)


def live_text_keys(name: str) -> tuple[str, ...]:
    """Return the live text keys of a type; none for an unknown type."""
    known = _TYPES.get(name)
    return known.live_text if known else ()


def check_data(name: str, data: Any) -> None:
    """Raise `InvalidInput` with the path when `data` does not fit a known type; unknown types pass."""
    known = _TYPES.get(name)
    if known is None:
        return
    try:
        wire.convert(data, known.data)
    except InvalidInput as error:
        raise InvalidInput(f"data of a {name} document: {error.message}") from error


def with_line_feeds(name: str, data: Any) -> Any:
    """Return `data` with the line ends of its live texts as everywhere: one line feed each.

    Windows ends lines with two characters, editors in the browser count one: positions would drift apart.
    """
    texts = {
        key: data[key].replace("\r\n", "\n").replace("\r", "\n")
        for key in live_text_keys(name)
        if isinstance(data, dict) and isinstance(data.get(key), str) and "\r" in data[key]
    }
    return {**data, **texts} if texts else data
