"""Cursors and names of live documents: reads, corrects and remembers y-protocols awareness updates.

States are never stored; nobody can appear under another name than his own. Pure: sends nothing.
"""

from __future__ import annotations

import colorsys
import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.actors import Actor

CLIENTS_PER_SOCKET = 32
"""Editors (views) of one socket in one document that are remembered."""

_MAX_NUMBER = 2**53

_LUMINANCE = 0.175
"""Of everybody's colour: 4.5 times as dark as white, three times as bright as the ground of dark themes."""


class ClientState(NamedTuple):
    """The state of one editor."""

    clock: int
    state: dict[str, Any] | None
    """None: the editor is gone."""


States = dict[int, ClientState]


class Awareness:
    """The last states of all editors, by document and socket."""

    def __init__(self) -> None:
        self._states: dict[str, dict[str, States]] = {}
        self._user_of: dict[str, str] = {}

    def update(self, document_id: str, sid: str, raw: bytes, actor: Actor) -> bytes:
        """Remember what a socket says of its editors; return it as others may see it, empty for nothing.

        Other people's editors are left out, whatever the update says of them; one of the same person goes over
        to this socket, for an editor may change between its kernel's connection and its own.
        """
        by_sid = self._states.setdefault(document_id, {})
        own = by_sid.setdefault(sid, {})
        self._user_of[sid] = actor.user_id
        others = {client: other for other, states in by_sid.items() if other != sid for client in states}

        def may_speak(client: int, clock: int) -> bool:
            other = others.get(client)
            if other is None:
                return True
            return self._user_of.get(other) == actor.user_id and clock > by_sid[other][client].clock

        accepted = {client: entry for client, entry in decode(raw).items() if may_speak(client, entry.clock)}
        if len(own.keys() | accepted.keys()) > CLIENTS_PER_SOCKET:
            raise InvalidInput(f"more than {CLIENTS_PER_SOCKET} editors of one connection")
        for client, (clock, state) in accepted.items():
            accepted[client] = ClientState(clock, None if state is None else {**state, "user": _user(actor)})
            if client in others:
                del by_sid[others[client]][client]
        own.update(accepted)
        return encode(accepted) if accepted else b""

    def present(self, document_id: str, *, except_sid: str) -> bytes:
        """Return the states of the editors of everybody else, empty for none."""
        by_sid = self._states.get(document_id, {})
        others = [states for sid, states in by_sid.items() if sid != except_sid]
        present = {client: entry for states in others for client, entry in states.items() if entry.state is not None}
        return encode(present) if present else b""

    def remove(self, document_id: str, sid: str) -> bytes:
        """Forget the editors of a socket; return what tells others that they are gone, empty for nothing."""
        by_sid = self._states.get(document_id, {})
        states = by_sid.pop(sid, {})
        if not by_sid:
            self._states.pop(document_id, None)
        if not any(sid in present for present in self._states.values()):
            self._user_of.pop(sid, None)
        gone = {
            client: ClientState(entry.clock + 1, None) for client, entry in states.items() if entry.state is not None
        }
        return encode(gone) if gone else b""


def decode(raw: bytes) -> States:
    """Read an awareness update; raises `InvalidInput` when it is none."""
    try:
        states, end = _read(raw)
    except (IndexError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise InvalidInput("state is not an awareness update") from error
    if end != len(raw):
        raise InvalidInput("state is not an awareness update")
    return states


def encode(states: States) -> bytes:
    """Write an awareness update."""
    parts = [_number(len(states))]
    for client, (clock, state) in states.items():
        text = msgspec.json.encode(state)
        parts += [_number(client), _number(clock), _number(len(text)), text]
    return b"".join(parts)


@lru_cache(maxsize=1000)
def color_of(user_id: str) -> tuple[str, str]:
    """Return a person's colour and its light variant, always the same ones.

    Every hue is made equally bright, so that a line in it can be seen on a light and on a dark page.
    """
    hue = zlib.crc32(user_id.encode()) % 360 / 360
    shades = (colorsys.hls_to_rgb(hue, step / 200, 0.7) for step in range(200))
    shade = min(shades, key=lambda rgb: abs(_luminance(rgb) - _LUMINANCE))
    return _hex(shade), _hex(colorsys.hls_to_rgb(hue, 0.85, 0.7))


def _luminance(rgb: Iterable[float]) -> float:
    """Return the relative luminance of WCAG."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _user(actor: Actor) -> dict[str, str]:
    color, light = color_of(actor.user_id)
    return {"id": actor.user_id, "name": actor.name, "color": color, "colorLight": light}


def _hex(rgb: Iterable[float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)


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
