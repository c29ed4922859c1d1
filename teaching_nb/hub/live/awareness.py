"""Cursors and names of live documents: reads, corrects and remembers y-protocols awareness updates.

States are never stored; nobody can appear under another name than their own. Pure: sends nothing.
"""

from __future__ import annotations

import colorsys
import time
import zlib
from collections.abc import Callable, Iterable
from functools import lru_cache

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.actors import Actor
from teaching_nb.schema.awareness import ClientState, States, decode, encode

CLIENTS_PER_SOCKET = 32
"""Editors (views) of one socket in one document that are remembered."""

STALE_SECONDS = 45.0
"""An editor that has been silent for so long is gone: pages renew their states every 15 s, and forget after 30 s."""

_LUMINANCE = 0.175
"""Luminance of everybody's colour: 4.5 times as dark as white, three times as bright as the ground of dark themes."""


class Awareness:
    """The last states of all editors, by document and socket."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._states: dict[str, dict[str, States]] = {}
        self._user_of: dict[str, str] = {}
        self._now = now
        self._heard: dict[tuple[str, int], float] = {}
        """When an editor, by document and client, was last heard of."""

    def update(self, document_id: str, sid: str, raw: bytes, actor: Actor) -> bytes:
        """Remember what a socket says of its editors; return it as others may see it, empty for nothing.

        Other people's editors are left out, whatever the update says of them; one of the same person goes over
        to this socket, for an editor may change between its kernel's connection and its own.
        """
        shown = {
            client: ClientState(clock, None if state is None else {**state, "user": _user(actor)})
            for client, (clock, state) in decode(raw).items()
        }
        return self._accept(document_id, sid, actor.user_id, shown)

    def take_in(self, document_id: str, sid: str, user_id: str, shown: bytes) -> bytes:
        """Remember what a socket of another process shows; return it as far as it is new, empty for nothing."""
        accepted = self._accept(document_id, sid, user_id, decode(shown))
        if all(entry.state is None for entry in self._states[document_id][sid].values()):
            self.remove(document_id, sid)
        return accepted

    def of_process(self, process: str) -> list[tuple[str, str]]:
        """Return documents and sockets of another process, whose names begin with its own."""
        return [
            (document_id, sid) for document_id, by_sid in self._states.items() for sid in by_sid if is_of(sid, process)
        ]

    def _accept(self, document_id: str, sid: str, user_id: str, shown: States) -> bytes:
        by_sid = self._states.setdefault(document_id, {})
        own = by_sid.setdefault(sid, {})
        self._user_of[sid] = user_id
        others = {client: other for other, states in by_sid.items() if other != sid for client in states}

        def may_speak(client: int, clock: int) -> bool:
            other = others.get(client)
            if other is None:
                return True
            return self._user_of.get(other) == user_id and clock > by_sid[other][client].clock

        accepted = {client: entry for client, entry in shown.items() if may_speak(client, entry.clock)}
        after = {**own, **accepted}
        ended = [client for client, entry in after.items() if entry.state is None]
        if len(after) - len(ended) > CLIENTS_PER_SOCKET:
            raise InvalidInput(f"more than {CLIENTS_PER_SOCKET} editors of one connection")
        for client in accepted.keys() & others.keys():
            del by_sid[others[client]][client]
        own.update(accepted)
        self._heard.update({(document_id, client): self._now() for client in accepted})
        for client in ended[:-CLIENTS_PER_SOCKET]:
            del own[client], self._heard[document_id, client]
        return encode(accepted) if accepted else b""

    def user_of(self, document_id: str, client: int) -> str | None:
        """Return who shows an editor under this client id."""
        for sid, states in self._states.get(document_id, {}).items():
            if client in states and states[client].state is not None:
                return self._user_of[sid]
        return None

    def present(self, document_id: str, *, except_sid: str) -> bytes:
        """Return the states of the living editors of everybody else, empty for none."""
        oldest = self._now() - STALE_SECONDS
        by_sid = self._states.get(document_id, {})
        others = [states for sid, states in by_sid.items() if sid != except_sid]
        present = {
            client: entry
            for states in others
            for client, entry in states.items()
            if entry.state is not None and self._heard[document_id, client] > oldest
        }
        return encode(present) if present else b""

    def remove(self, document_id: str, sid: str) -> bytes:
        """Forget the editors of a socket; return what tells others that they are gone, empty for nothing."""
        by_sid = self._states.get(document_id, {})
        states = by_sid.pop(sid, {})
        for client in states:
            self._heard.pop((document_id, client), None)
        if not by_sid:
            self._states.pop(document_id, None)
        if not any(sid in present for present in self._states.values()):
            self._user_of.pop(sid, None)
        gone = {
            client: ClientState(entry.clock + 1, None) for client, entry in states.items() if entry.state is not None
        }
        return encode(gone) if gone else b""


def sid_at(process: str, sid: str) -> str:
    """Return what a socket of another process is called here."""
    return f"{process}:{sid}"


def is_of(sid: str, process: str) -> bool:
    """Tell whether a socket is one of another process."""
    return sid.startswith(f"{process}:")


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
    user = {"id": actor.user_id, "name": actor.name, "color": color, "colorLight": light}
    # Two people may have one name, as where a Jupyter server makes the accounts: this tells who is the teacher.
    return user | {"role": actor.role} if actor.is_elevated else user


def _hex(rgb: Iterable[float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)
