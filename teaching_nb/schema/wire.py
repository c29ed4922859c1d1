"""Conversion between our types and JSON, with errors that name the place.

Timestamps are `YYYY-MM-DDTHH:MM:SS.mmmZ` on the wire and milliseconds since the epoch inside.
"""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import limits

T = TypeVar("T")

_MOST_SHOWN = 60
"""Characters of a value in a sentence."""

_NUL = b"\\u0000"
"""The only way to say NUL in JSON; after another backslash it is plain text."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def encode(value: Any) -> bytes:
    """Return `value` as JSON; writes null for NaN-like floats as JSON demands, and refuses half a character."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{error.object!r:.60} holds half a character: remove it") from error


def decode(raw: bytes | str, as_type: type[T]) -> T:
    """Parse JSON text into `as_type`; raises `InvalidInput` with the path of the first mistake."""
    try:
        return msgspec.json.decode(raw, type=as_type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(_explain(error)) from error


def convert(value: Any, as_type: type[T]) -> T:
    """Convert parsed JSON into `as_type`; raises `InvalidInput` with the path of the first mistake."""
    try:
        return msgspec.convert(value, as_type)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidInput(_explain(error)) from error


def to_plain(value: Any) -> Any:
    """Return `value` (records, lists of them) as plain JSON types, bytes left as they are."""
    return msgspec.to_builtins(value, builtin_types=(bytes,))


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same in JSON: for Python `True` is `1`."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if one != other:
        return False
    if isinstance(one, dict):
        return all(is_same(value, other[key]) for key, value in one.items())
    return not isinstance(one, list) or all(is_same(*pair) for pair in zip(one, other, strict=True))


def kind_of(value: Any) -> str:
    """Return what a JSON value is, in words that people know who write no Python."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    kinds: dict[type, str] = {str: "a text", list: "a list", dict: "an object", int: "a number", float: "a number"}
    return kinds.get(type(value), "no JSON")


def short_json(value: Any) -> str:
    """Return the beginning of a value as JSON, for a sentence."""
    text = encode(value).decode()
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} …"


def check_depth(value: Any, what: str) -> None:
    """Raise `InvalidInput` when parsed JSON is nested so deeply that somebody who gets it cannot pass it on."""
    level = [value]
    for _ in range(limits.JSON_DEPTH + 1):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise InvalidInput(f"{what} is nested too deeply, the limit is {limits.JSON_DEPTH} levels")


def check_keepable(value: Any, what: str) -> None:
    """Raise `InvalidInput` when parsed JSON cannot be stored: nested too deeply, or with the character NUL in it."""
    _checked(value, what)


def check_json(value: Any, what: str) -> None:
    """Raise `InvalidInput` when a value of Python cannot be stored: also for halves of characters, NaN and infinity."""
    check_depth(value, what)
    if (number := _not_in_json(value)) is not None:
        shown = f"{number}" if isinstance(number, float) else f"a number of {number.bit_length()} bits"
        raise InvalidInput(f"{what} holds {shown}, which is no number in JSON: give one up to 1.7e308, or None")
    try:
        check_keepable(value, what)
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{what} holds half a character: remove it") from error


def check_storable(value: Any, what: str) -> int:
    """Return the bytes of parsed JSON; raises as `check_keepable`, and `TooLarge` for more than a request may hold.

    It may be so although it came in a request: `1e15` is told to everybody as `1000000000000000.0`, and whoever
    hears of a change gets all of it in one message.
    """
    size = len(_checked(value, what))
    limits.check_size(f"{what} as JSON", size, limits.REST_BODY_BYTES)
    return size


def _not_in_json(value: Any) -> float | int | None:
    """Return a number that would be stored as null, or be so large that nobody else reads it."""
    if isinstance(value, float | int):
        return None if abs(value) <= sys.float_info.max else value
    return next((found for each in _children(value) if (found := _not_in_json(each)) is not None), None)


def _checked(value: Any, what: str) -> bytes:
    """Return JSON text of what can be stored."""
    check_depth(value, what)
    raw = msgspec.json.encode(value)
    _check_no_nul(raw, value, what)
    return raw


def check_no_nul(raw: bytes, what: str = "$") -> None:
    """Raise `InvalidInput` with the path when JSON text holds the character NUL, which PostgreSQL cannot store."""
    if _NUL in raw:
        try:
            value = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # Whoever wants to know what is in it is told that it is no JSON.
            return
        _check_no_nul(raw, value, what)


def timestamp(milliseconds: int) -> str:
    """Return the wire form of a time given in milliseconds since the epoch."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def parse_timestamp(text: str) -> int:
    """Return milliseconds since the epoch; a time without zone counts as UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"not a timestamp: {text[:40]!r}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def is_uuid(value: object) -> bool:
    """Tell whether `value` is a UUID in its canonical lower-case form."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def parse_uuid(value: object, what: str = "id") -> str:
    """Return `value` as a canonical UUID; raises `InvalidInput` naming `what` otherwise."""
    if isinstance(value, str) and len(value) == 36:
        lowered = value.lower()
        if is_uuid(lowered):
            return lowered
    raise InvalidInput(f"{what} is not a UUID: {str(value)[:60]!r}")


def new_id() -> str:
    """Return a random UUID in wire form."""
    return str(uuid.uuid4())


@lru_cache(maxsize=1_000)
def _second(seconds: int) -> str:
    # Most of what is written at once is of the same few seconds.
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _check_no_nul(raw: bytes, value: Any, what: str) -> None:
    place = _place_of_nul(value, what) if _NUL in raw else None
    if place is not None:
        raise InvalidInput(f"text must not hold the character NUL (\\u0000) - at `{place}`")


def _place_of_nul(value: Any, place: str) -> str | None:
    """Return where NUL stands in parsed JSON, or below which key; looks level by level, for lists can be deep."""
    level = [(place, value)]
    while level:
        below: list[tuple[str, Any]] = []
        for path, found in level:
            if isinstance(found, str) and "\0" in found:
                return path
            if isinstance(found, dict):
                if any("\0" in key for key in found):
                    return path
                below += [(f"{path}.{key}", child) for key, child in found.items()]
            elif isinstance(found, list):
                below += [(f"{path}[{index}]", child) for index, child in enumerate(found)]
        level = below
    return None


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _explain(error: Exception) -> str:
    return str(error) or "the payload is not valid JSON"
