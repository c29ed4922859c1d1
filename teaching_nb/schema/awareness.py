"""Awareness updates of y-protocols: where the editors of a live document are, as bytes. Reading and writing; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.schema.lib0 import Reader, encoded

_MAX_NUMBER = 2**53

_MALFORMED = "state is not an awareness update"


class ClientState(NamedTuple):
    """The state of one editor."""

    clock: int
    state: dict[str, Any] | None
    """None: the editor is gone."""


States = dict[int, ClientState]


def decode(raw: bytes) -> States:
    """Read an awareness update; raises `InvalidInput` when it is none."""
    reader = Reader(raw)
    try:
        states = dict(_read_state(reader) for _ in range(_read_number(reader)))
    except (IndexError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise InvalidInput(_MALFORMED) from error
    if reader.left:
        raise InvalidInput(_MALFORMED)
    return states


def encode(states: Mapping[int, ClientState]) -> bytes:
    """Write an awareness update."""
    parts = [encoded(len(states))]
    for client, (clock, state) in states.items():
        text = msgspec.json.encode(state)
        parts += [encoded(client), encoded(clock), encoded(len(text)), text]
    return b"".join(parts)


def _read_state(reader: Reader) -> tuple[int, ClientState]:
    client, clock = _read_number(reader), _read_number(reader)
    state = msgspec.json.decode(reader.string())
    if state is not None and not isinstance(state, dict):
        raise InvalidInput("the state of an editor is not an object")
    return client, ClientState(clock, state)


def _read_number(reader: Reader) -> int:
    number = reader.number()
    if number > _MAX_NUMBER:
        raise InvalidInput(f"{_MALFORMED}: a number is too large")
    return number
