"""Awareness updates of y-protocols: where the editors of a live document are, as bytes. Reading and writing; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from teaching_nb.errors import InvalidInput

_MAX_NUMBER = 2**53


class ClientState(NamedTuple):
    """The state of one editor."""

    clock: int
    state: dict[str, Any] | None
    """None: the editor is gone."""


States = dict[int, ClientState]


def decode(raw: bytes) -> States:
    """Read an awareness update; raises `InvalidInput` when it is none."""
    try:
        states, end = _read(raw)
    except (IndexError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise InvalidInput("state is not an awareness update") from error
    if end != len(raw):
        raise InvalidInput("state is not an awareness update")
    return states


def encode(states: Mapping[int, ClientState]) -> bytes:
    """Write an awareness update."""
    parts = [_number(len(states))]
    for client, (clock, state) in states.items():
        text = msgspec.json.encode(state)
        parts += [_number(client), _number(clock), _number(len(text)), text]
    return b"".join(parts)


def _read(raw: bytes) -> tuple[States, int]:
    states: States = {}
    count, position = _read_number(raw, 0)
    for _ in range(count):
        client, position = _read_number(raw, position)
        clock, position = _read_number(raw, position)
        length, position = _read_number(raw, position)
        if position + length > len(raw):
            raise IndexError("text ends early")
        state = msgspec.json.decode(raw[position : position + length])
        if state is not None and not isinstance(state, dict):
            raise InvalidInput("the state of an editor is not an object")
        states[client] = ClientState(clock, state)
        position += length
    return states, position


def _read_number(raw: bytes, position: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = raw[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if result > _MAX_NUMBER:
            raise InvalidInput("state is not an awareness update: a number is too large")
        if byte < 0x80:
            return result, position
        shift += 7


def _number(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
