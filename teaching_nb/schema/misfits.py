"""What another program has stored that a document's type does not have: which value, under which key. Pure.

The one rule of all types, made of their structs; pages have the same as JSON Schema (`js/src/schema/forms.ts`). What
does not fit is shown as far as it is understood, and never rewritten.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.schema.document_type import MOST_WHOLE, DocumentType, converted

MOST_SHOWN: Final = 60
"""Characters of a value in a sentence."""
OF_THE_MODEL: Final = ".model.data"
"""Where the author of what a widget shows can replace it."""


class Misfit(NamedTuple):
    """One value that does not fit."""

    key: str
    """Where it stands in the data; empty where these are no object."""
    value: Any
    is_of_call: bool = False
    """Whether it fits the type, and only not what the call asks for by now: whoever answers anew mends it."""

    def shown(self) -> dict[str, Any]:
        """Return what pages get."""
        return {"key": self.key, "value": self.value} | ({"is_of_call": True} if self.is_of_call else {})


def misfits_in(known: DocumentType | None, data: Any) -> tuple[Misfit, ...]:
    """Return what does not fit a type in stored data, in the order of its keys; nothing for an unknown type."""
    if known is None:
        return ()
    if not isinstance(data, dict):
        return (Misfit("", data),)
    return tuple(
        Misfit(field.encode_name, data[field.encode_name])
        for field in msgspec.structs.fields(known.data)
        if field.encode_name in data and not _fits(data[field.encode_name], field.type)
    )


def fitting(known: DocumentType | None, data: Any) -> dict[str, Any]:
    """Return stored data as far as they are understood: without what does not fit."""
    odd = {misfit.key for misfit in misfits_in(known, data)}
    return {key: value for key, value in data.items() if key not in odd} if isinstance(data, dict) else {}


def say(misfits: Iterable[Misfit]) -> str:
    """Return in words which values do not fit, such as `readTime is -5`."""
    return ", ".join(f"{misfit.key or 'it'} is {_short(misfit.value)}" for misfit in misfits)


def refusal(misfits: Iterable[Misfit], where: str = OF_THE_MODEL) -> str:
    """Return why a document takes no change, and what can be done: `where` its author can replace it in Python."""
    return (
        f"another program has stored something here that does not fit: {say(misfits)}; "
        f"whoever wrote it can mend it, its author by assigning `{where}` in Python"
    )


def notice(misfits: Iterable[Misfit]) -> str:
    """Return what is said above a document in which something does not fit."""
    words = refusal(misfits)
    return f"{words[0].upper()}{words[1:]}. It is shown here, and never rewritten."


def as_in_pages(value: Any) -> Any:
    """Return JSON with its numbers as pages have them.

    There `3.0` is `3`, and what they cannot count to is no whole number.
    """
    if isinstance(value, list):
        return [as_in_pages(each) for each in value]
    if isinstance(value, dict):
        return {key: as_in_pages(each) for key, each in value.items()}
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) <= MOST_WHOLE else value
    if abs(value) <= MOST_WHOLE:
        return value
    return float(value) if abs(value) <= sys.float_info.max else math.nan


def _fits(value: Any, kind: Any) -> bool:
    try:
        converted(as_in_pages(value), kind)
    except InvalidInput:
        return False
    return True


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]} …"
