"""What a document type is made of; each type is one file in `schema/types`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Final

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire

MOST_WHOLE: Final = 2**53 - 1
"""Pages count no further: what they would store of a larger number is another one."""

Whole = Annotated[int, msgspec.Meta(ge=-MOST_WHOLE, le=MOST_WHOLE)]
"""A whole number."""
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_WHOLE)]
"""A whole number from 0."""
ONCE_EACH: Final = msgspec.Meta(extra_json_schema={"uniqueItems": True})
"""Of a list in which nothing stands twice, in the words of JSON Schema; msgspec itself does not look."""


class DataStruct(msgspec.Struct, rename="camel"):
    """Base of what documents of one type hold: every key has a default, and keys that are not named here survive."""


class Conversion(msgspec.Struct, frozen=True):
    """What a live text is in the form that other programs know, under a key of its own."""

    key: str
    to_text: Callable[[Any], str | None]
    """Returns the text of such a form; None for one that no text says."""
    from_text: Callable[[str], Any]
    """Returns the form of any text."""
    is_same: Callable[[Any, Any], bool]
    """Tells whether two forms say the same."""
    given: Callable[[Any], Any]
    """Returns a form that a notebook gives as other programs store it; raises `InvalidInput` for what is none."""
    looks_like: Callable[[Any], bool]
    """Tells whether something was meant to be such a form, and no data that hold one."""


class DocumentType(msgspec.Struct, frozen=True):
    """What is known of one document type."""

    name: str
    """As the protocol has it, such as `task_state`; also the name of every module about it."""
    data: type[DataStruct]
    each_once: tuple[str, ...] = ()
    """Keys whose lists hold nothing twice when somebody assigns them; what others have stored is understood anyhow."""
    live_text: tuple[str, ...] = ()
    """Keys of `data` that several people may edit at once."""
    texts: tuple[str, ...] = ()
    """Keys of `data` whose texts are saved with it as a whole: of two who change one, what both have written stays."""
    saves_at_once: bool = False
    """Whether a change is saved without waiting for the next one, as for what is changed by single clicks."""
    call: str = ""
    """Name of the function of `teaching_nb` that shows such a document; empty when there is none."""
    conversion: Conversion | None = None
    """Of a type whose live text stands in the data in another form as well."""


def converted(value: Any, kind: Any) -> Any:
    """Return JSON as what may stand under a key of the type `kind`; raises `InvalidInput`."""
    found = wire.convert(value, kind)
    if _is_once_each(kind):
        _check_once_each(found, "$")
    return found


def check_lists(data: DataStruct) -> None:
    """Raise `InvalidInput` with the path for a list in which something stands twice and must not."""
    for name, key in _lists_of_once_each(type(data)):
        _check_once_each(getattr(data, name), f"$.{key}")


@cache
def _lists_of_once_each(struct: type[DataStruct]) -> tuple[tuple[str, str], ...]:
    fields = msgspec.structs.fields(struct)
    return tuple((field.name, field.encode_name) for field in fields if _is_once_each(field.type))


def _is_once_each(kind: Any) -> bool:
    return ONCE_EACH in getattr(kind, "__metadata__", ())


def _check_once_each(found: list[Any], place: str) -> None:
    twice = next((each for each in found if found.count(each) > 1), None) if len(set(found)) < len(found) else None
    if twice is not None:
        raise InvalidInput(f"each number stands there once, and {twice} is given twice - at `{place}`")
