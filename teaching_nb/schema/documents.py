"""The document types that are known here, and checking data against them.

The hub stores any JSON for any type; this is for those who understand a type. Unknown types and unknown keys
survive untouched everywhere.
"""

from __future__ import annotations

from typing import Any, Final, TypeGuard

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import limits, wire
from teaching_nb.schema.document_type import DocumentType, check_lists
from teaching_nb.schema.types import find_types

_TYPES: Final = find_types()
_CLICKED: Final = frozenset({"progress_state", "page_read_check"})
"""Types of the platform that are changed by single clicks, and that nobody here understands yet."""


SHOWN_ONLY: Final = ("excalidoc", "netpbm_graphic")
"""Types of the platform whose documents pages show, and that nothing else is known of."""


LISTED_ONLY = ("script_version",)
"""Types of the platform whose documents lie below others, and are listed there."""


def document_type(name: str) -> DocumentType | None:
    """Return what is known of a type; None for one that nobody here understands."""
    return _TYPES.get(name)


def known_types() -> tuple[str, ...]:
    """Return the names of all known types."""
    return tuple(_TYPES)


def type_of_call(call: str) -> DocumentType | None:
    """Return the type that a function of `teaching_nb` shows; None for a name that is no such function."""
    return next((known for known in _TYPES.values() if known.call == call), None) if call else None


def calls() -> tuple[str, ...]:
    """Return the names of all functions of `teaching_nb` that show a document."""
    return tuple(known.call for known in _TYPES.values() if known.call)


def saves_at_once(name: str) -> bool:
    """Tell whether a change of such a document is saved without waiting for the next one."""
    known = _TYPES.get(name)
    return known.saves_at_once if known else name in _CLICKED


def live_text_keys(name: str) -> tuple[str, ...]:
    """Return the live text keys of a type; none for an unknown type."""
    known = _TYPES.get(name)
    return known.live_text if known else ()


def text_keys(name: str) -> tuple[str, ...]:
    """Return the keys of a type whose texts are saved as a whole, and merged; none for an unknown type."""
    known = _TYPES.get(name)
    return known.texts if known else ()


def live_types() -> tuple[str, ...]:
    """Return the names of the types that have live text."""
    return tuple(known.name for known in _TYPES.values() if known.live_text)


def longest_text(name: str) -> int | None:
    """Return how many bytes the live text of a type may have; None where the size of the document alone counts."""
    known = _TYPES.get(name)
    return limits.FORMATTED_TEXT_BYTES if known and known.conversion else None


def check_length(name: str, text: str) -> None:
    """Raise `TooLarge` for a live text that a document of this type cannot have."""
    longest = longest_text(name)
    # Few are so long that they have to be encoded.
    if longest is not None and len(text) * 4 > longest:
        limits.check_size("the text", len(text.encode()), longest)


def _is_convertible(text: Any) -> TypeGuard[str]:
    return isinstance(text, str) and len(text) <= limits.FORMATTED_TEXT_BYTES


def check_data(name: str, data: Any) -> None:
    """Raise `InvalidInput` with the path when `data` does not fit a known type; unknown types pass."""
    known = _TYPES.get(name)
    if known is None:
        return
    check_object(name, data)
    try:
        check_lists(wire.convert(data, known.data))
    except InvalidInput as error:
        raise InvalidInput(f"data of a {name} document: {error.message}") from error


def check_object(name: str, data: Any) -> None:
    """Raise `InvalidInput` for data that have no keys, as those of every known type do."""
    if not isinstance(data, dict):
        raise InvalidInput(f"data of a {name} document is {wire.kind_of(data)}, not an object")


def why_not_assigned(name: str, key: str, value: Any) -> str:
    """Return why nobody is to assign a value that fits a type under a key of it; empty where it may be assigned."""
    known = _TYPES.get(name)
    is_list = known is not None and key in known.each_once and isinstance(value, list)
    twice = next((each for each in value if value.count(each) > 1), None) if is_list else None
    return "" if twice is None else f"each number stands there once, and {twice} is given twice"


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


def with_text(name: str, data: Any) -> Any:
    """Return data with the live text that says what another program has stored in a form of its own.

    A form that no text says has an empty one beside it. Types without such a form are left as they are.
    """
    known = _TYPES.get(name)
    conversion = known.conversion if known else None
    if known is None or conversion is None or not isinstance(data, dict) or conversion.key not in data:
        return data
    (key,) = known.live_text
    text, form = data.get(key), data[conversion.key]
    if _is_convertible(text) and conversion.is_same(conversion.from_text(text), form):
        return data
    found = conversion.to_text(form)
    return {**data, key: found if found is not None and _is_convertible(found) else ""}


def with_form(name: str, data: Any) -> Any:
    """Return data as other programs know them: what the live text says, in their form, unless they hold it already.

    A form that no text says is kept whatever the text is.
    """
    known = _TYPES.get(name)
    conversion = known.conversion if known else None
    if known is None or conversion is None or not isinstance(data, dict):
        return data
    text = data.get(known.live_text[0])
    if not _is_convertible(text):
        return data
    made = conversion.from_text(text)
    if conversion.key in data:
        form = data[conversion.key]
        if conversion.is_same(made, form) or conversion.to_text(form) is None:
            return data
    return {**data, conversion.key: made}


def with_given_form(name: str, before: Any, data: Any) -> Any:
    """Return data that a notebook gives, with the form in them as other programs store it; also of a form alone.

    What stood in `before` already is left as it is. Raises `InvalidInput` for what is no such form, `TooLarge`.
    """
    known = _TYPES.get(name)
    conversion = known.conversion if known else None
    if known is None or conversion is None or not isinstance(data, dict):
        return data
    key = conversion.key
    if key not in data and not any(each in data for each in known.live_text) and conversion.looks_like(data):
        return {key: conversion.given(data)}
    is_kept = isinstance(before, dict) and key in before and wire.is_same(before[key], data.get(key))
    return data if is_kept or key not in data else {**data, key: conversion.given(data[key])}


def with_changed_text(name: str, before: Any, data: Any) -> Any:
    """Return data that are to take the place of `before`, with the text of their form where that has changed."""
    known = _TYPES.get(name)
    conversion = known.conversion if known else None
    if known is None or conversion is None or not isinstance(data, dict) or conversion.key not in data:
        return data
    (key,) = known.live_text
    old = before if isinstance(before, dict) else {}
    if not conversion.is_same(data[conversion.key], old.get(conversion.key)):
        return with_text(name, data)
    # Programs that do not know the text leave it out.
    return data if key in data or key not in old else {**data, key: old[key]}
