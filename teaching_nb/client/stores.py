"""What the classroom knows of people, groups, roots and presence; observable, filled by events of the hub.

A store replaces its dict as a whole on every change, so that observers see old and new.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from traitlets import HasTraits

from teaching_nb.client.told_traits import ToldDict
from teaching_nb.schema.records import RootMeta, StudentGroup, User

R = TypeVar("R", User, StudentGroup, RootMeta)


class NewData(NamedTuple):
    """What a document holds now, as the hub tells whoever looks at a list of them."""

    id: str
    data: Any
    updated_at: str


class NewDocument(NamedTuple):
    """That somebody has one document more, or one in another place."""

    type: str
    root_id: str


class GoneDocument(NamedTuple):
    """That a document is there no more, whoever's it was."""

    id: str


class NewBelow(NamedTuple):
    """That something new lies below a document, whoever has written it."""

    parent_id: str


News: TypeAlias = NewData | NewBelow | NewDocument | GoneDocument | None
"""What whoever follows a person hears; None: anything of theirs may be otherwise."""


class RecordStore(HasTraits, Generic[R]):
    """Records by id."""

    records = ToldDict()
    "Id → record; observe it to hear of changes."

    def __init__(self) -> None:
        super().__init__()
        self._complete = threading.Event()

    @property
    def is_complete(self) -> bool:
        """Tell whether a complete list has come; empty, there are none."""
        return self._complete.is_set()

    def wait_complete(self, timeout: float) -> bool:
        """Wait for a complete list; tell whether it has come."""
        return self._complete.wait(timeout)

    def get(self, record_id: str) -> R | None:
        """Return a record; None for one that is not known."""
        found: R | None = self.records.get(record_id)
        return found

    def replace_all(self, records: Iterable[R]) -> None:
        """Take a complete list."""
        self.set_trait("records", {record.id: record for record in records})
        self._complete.set()

    def put(self, record: R) -> None:
        """Add or replace one record."""
        self.set_trait("records", {**self.records, record.id: record})

    def remove(self, record_id: str) -> None:
        """Forget a record."""
        self.set_trait("records", {key: record for key, record in self.records.items() if key != record_id})

    def __iter__(self) -> Iterator[R]:
        return iter(tuple(self.records.values()))

    def __len__(self) -> int:
        return len(self.records)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self.records

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}>"


class UserStore(RecordStore[User]):
    """People whom you may know of: yourself, your groups, and for teachers everybody."""

    def name_of(self, user_id: str) -> str:
        """Return how to call a person; a neutral word for one who is not known."""
        user = self.get(user_id)
        if user is None:
            return "somebody"
        return user.name or f"{user.first_name} {user.last_name}".strip() or user.email


class GroupStore(RecordStore[StudentGroup]):
    """Your groups."""


class RootStore(RecordStore[RootMeta]):
    """Document roots that this kernel has met."""


class Presence(HasTraits):
    """How many connections there are per room: a person's id, a group's id, or `all`."""

    counts = ToldDict()
    "Room → number of connections; observe it to hear of comings and goings."

    def __init__(self) -> None:
        super().__init__()
        self.joined: frozenset[str] = frozenset()
        """Rooms that this kernel has asked to be in, and is counted in as somebody who looks."""

    def note_joined(self, room_id: str, is_in: bool) -> None:  # noqa: FBT001 - a callback of the subscriptions
        """Note that this kernel is in a room that is not its own, or is no more."""
        self.joined = self.joined | {room_id} if is_in else self.joined - {room_id}

    def count(self, room_id: str) -> int:
        """Return the number of connections in a room, as far as the hub tells."""
        return int(self.counts.get(room_id, 0))

    def take(self, rooms: Iterable[tuple[str, int]], kind: Literal["full", "update"]) -> None:
        """Take a message of the hub."""
        self.set_trait("counts", counts_after(self.counts, rooms, kind))

    def clear(self) -> None:
        """Forget everything: the connection was lost, and nobody tells who is there."""
        self.set_trait("counts", {})
        self.joined = frozenset()

    def __repr__(self) -> str:
        return f"<Presence in {len(self.counts)} rooms>"


def counts_after(
    counts: Mapping[str, Any], rooms: Iterable[tuple[str, int]], kind: Literal["full", "update"]
) -> dict[str, int]:
    """Return the counts after a message: `full` replaces everything, `update` single rooms; 0 empties one."""
    merged = {**({} if kind == "full" else counts), **dict(rooms)}
    return {room: count for room, count in merged.items() if count > 0}
