"""How many sockets are in the rooms at the other processes, as these have rung it."""

from __future__ import annotations

from collections.abc import Iterable

from teaching_nb.hub.bell.rings import Count
from teaching_nb.hub.room import Room, of_user


class CountsElsewhere:
    """The rooms of the other processes."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[Room, Count]] = {}
        """Process → room → who is in it there; rooms without anybody are missing."""

    def note(self, process: str, counts: Iterable[Count]) -> list[Room]:
        """Take in what a process has rung; return the rooms."""
        known = self._counts.setdefault(process, {})
        rooms = []
        for count in counts:
            room = Room(count.kind, count.id)  # type: ignore[arg-type]  # a room of another process of this version
            rooms.append(room)
            if count.present or count.has_page:
                known[room] = count
            else:
                known.pop(room, None)
        return rooms

    def drop(self, process: str) -> list[Room]:
        """Forget a process; return the rooms that it had."""
        return list(self._counts.pop(process, {}))

    def of(self, room: Room) -> list[Count]:
        """Return who is in a room, at each process that has somebody there."""
        return [rooms[room] for rooms in self._counts.values() if room in rooms]

    def sockets_of(self, user_id: str) -> int:
        """Return how many connections a person has at the other processes."""
        return sum(count.connections for count in self.of(of_user(user_id)))

    def rooms(self) -> set[Room]:
        """Return the rooms with somebody in them."""
        return {room for rooms in self._counts.values() for room in rooms}
