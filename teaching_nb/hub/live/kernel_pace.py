"""How often kernels hear of a live text: a moment after pages, and all that comes in this moment together.

People look at pages, which hear everything at once. A kernel beside them needs the text when somebody asks for it, and
each message takes time that the page on the same machine lacks while it draws the same edit. Called by the publisher,
which also sends what was kept back, in the order of the commits; so nobody hears anything that they may no longer see.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import pycrdt

from teaching_nb.hub.delivery.rooms import Rooms
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.schema import limits
from teaching_nb.schema.events import DocumentUpdate

INTERVAL_SECONDS = 0.05
"""A kernel hears of a change this much later than a page at most, and of a document 20 times a second at most."""

MOST_BYTES = limits.LIVE_UPDATE_BYTES
"""When more than this is kept back of one document, it is sent before its time."""


@dataclass(slots=True)
class _Interval:
    """The time in which kernels do not hear of a document."""

    kept: dict[str, list[bytes]] = field(default_factory=dict)
    """Socket → the updates that it has not heard."""
    size: int = 0
    """Bytes of all updates that are kept, each once."""
    told: set[str] = field(default_factory=set)
    """Sockets that have heard of the document in the middle of the interval."""


class KernelPace:
    """Keeps updates back from kernels, and hands them on merged."""

    def __init__(self, rooms: Rooms, announce: Callable[[Outcome[None]], None]) -> None:
        self._rooms = rooms
        self._announce = announce
        self._intervals: dict[str, _Interval] = {}
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._has_stopped = False

    def of(self, event: DocumentUpdate, sids: Collection[str], sender_sid: str | None) -> Collection[str]:
        """Return the sockets to tell of an update now; the others hear of it later.

        Kernels of the person who made it wait for nothing: who types in a page and goes on in Python finds it there.
        """
        kernels = [sid for sid in sids if not self._is_page(sid)]
        if not kernels or self._has_stopped:
            return sids
        interval = self._intervals.get(event.id) or self._begin(event.id, _Interval())
        interval.size += len(event.update)
        for sid in kernels:
            interval.kept.setdefault(sid, []).append(event.update)
        self._tell(event.id, kernels if interval.size > MOST_BYTES else self._own(kernels, sender_sid))
        return [sid for sid in sids if self._is_page(sid)]

    def tell_all(self) -> None:
        """Keep nothing back any longer, whatever the time."""
        for document_id, interval in self._intervals.items():
            self._tell(document_id, list(interval.kept))

    def stop(self) -> None:
        """Keep nothing back any longer: whoever is told now comes back to another hub, and asks for what it lacks."""
        self._has_stopped = True
        for end in self._ends.values():
            end.cancel()

    def _begin(self, document_id: str, interval: _Interval) -> _Interval:
        self._intervals[document_id] = interval
        self._ends[document_id] = asyncio.get_running_loop().call_later(INTERVAL_SECONDS, self._end, document_id)
        return interval

    def _end(self, document_id: str) -> None:
        """Tell those who wait, but for those who have just been told; begin anew unless all has been quiet."""
        interval = self._intervals.pop(document_id)
        del self._ends[document_id]
        if interval.kept or interval.told:
            self._begin(document_id, interval)
            self._tell(document_id, [sid for sid in interval.kept if sid not in interval.told])
            # Who is told at the beginning of an interval may be told at its end.
            interval.told.clear()

    def _tell(self, document_id: str, sids: Iterable[str]) -> None:
        """Announce what some sockets have not heard; who lacks the same is told together."""
        interval = self._intervals[document_id]
        groups: dict[tuple[bytes, ...], list[str]] = {}
        for sid in sids:
            if updates := interval.kept.pop(sid, None):
                groups.setdefault(tuple(updates), []).append(sid)
                interval.told.add(sid)
        if not interval.kept:
            interval.size = 0
        if groups:
            told = [_told(document_id, updates, only) for updates, only in groups.items()]
            self._announce(Outcome(None, tuple(told)))

    def _own(self, kernels: Iterable[str], sender_sid: str | None) -> list[str]:
        """Return which kernels are of the person who speaks on a socket."""
        sender = self._rooms.member(sender_sid) if sender_sid is not None else None
        if sender is None:
            return []
        return [sid for sid in kernels if self._rooms.is_live_socket_of(sid, sender.actor.user_id)]

    def _is_page(self, sid: str) -> bool:
        member = self._rooms.member(sid)
        return member is not None and member.is_page


def _told(document_id: str, updates: tuple[bytes, ...], sids: Iterable[str]) -> Notification:
    update = updates[0] if len(updates) == 1 else pycrdt.merge_updates(*updates)
    return Notification(DocumentUpdate(id=document_id, update=update), (), only=frozenset(sids))
