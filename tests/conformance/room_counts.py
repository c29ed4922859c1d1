"""CONNECTED_CLIENTS as this hub sends it: counts may come together, and not everybody is told everything.

What is compared is what a receiver knows in the end: the last count of each room. Rooms of single sockets are
never announced; `all` is told to elevated users only; newcomers and group admins are told more than recorded.
"""

from __future__ import annotations

from typing import Any

from tests.conformance.placeholders import MISSING, Bindings, Mismatch
from tests.conformance.school import user

Payload = dict[str, Any]


def compare(
    recorded: list[Payload], heard: list[Payload], *, actor: str, is_newcomer: bool, bindings: Bindings
) -> list[Mismatch]:
    """Return the rooms of which a receiver knows something else in the end than in the recording."""
    is_elevated = user(actor).role != "student"
    expected = {
        bindings.fill(room): count
        for room, count in _final(recorded, with_full=is_newcomer).items()
        if not room.startswith(("<sid:", "<id:")) and (is_elevated or room != "all")
    }
    got = _final(heard, with_full=True)
    found = [
        Mismatch(room, count, got.get(room, MISSING)) for room, count in expected.items() if got.get(room) != count
    ]
    found += [
        Mismatch(room, MISSING, count)
        for room, count in got.items()
        if room not in expected and not _may_be_told(room, bindings, is_elevated=is_elevated, is_newcomer=is_newcomer)
    ]
    if user(actor).role != "admin" and any(payload.get("type") == "full" for payload in heard):
        found.append(Mismatch("type", "update", "full"))
    return found


def _final(payloads: list[Payload], *, with_full: bool) -> dict[str, int]:
    counts: dict[str, int] = {}
    for payload in payloads:
        if with_full or payload["type"] == "update":
            counts.update(dict(payload["rooms"]))
    return counts


def _may_be_told(room: str, bindings: Bindings, *, is_elevated: bool, is_newcomer: bool) -> bool:
    if is_newcomer:
        return True
    return is_elevated and (room == "all" or bindings.name_of(room, "user") is not None)
