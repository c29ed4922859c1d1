"""A room of sockets: whose it is, and its name on the wire.

On the wire rooms are plain strings of one space, and a client may choose the id of a document root. Inside the
hub a room therefore is a kind and an id: the room of a root is never that of a person or a group, whatever it is
called. Names become rooms in `sockets` and in services, rooms become names in `delivery/presence`, and nowhere else.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from teaching_nb.schema import events

RoomKind = Literal["user", "group", "root", "documents", "all", "admin"]


class Room(NamedTuple):
    """One room."""

    kind: RoomKind
    id: str = ""

    @property
    def name(self) -> str:
        """Return what the room is called on the wire."""
        return self.id or self.kind

    @property
    def is_counted(self) -> bool:
        """Tell whether anybody is told how many are in the room: who looks at somebody's documents is not there."""
        return self.kind != "documents"


ALL: Final = Room("all")
"""Everybody who is connected."""

ADMIN: Final = Room("admin")
"""All admins."""


def of_user(user_id: str) -> Room:
    """Return the room of a person."""
    return Room("user", user_id)


def of_group(group_id: str) -> Room:
    """Return the room of a group."""
    return Room("group", group_id)


def of_root(root_id: str) -> Room:
    """Return the room of those who have opened a document root."""
    return Room("root", root_id)


def of_documents(author_id: str) -> Room:
    """Return the room of those who follow what somebody has; it has no name on the wire."""
    return Room("documents", author_id)


def named(name: str) -> tuple[Room, ...]:
    """Return all rooms that a name may mean, for those who may be in every room."""
    if name in (events.ROOM_ALL, events.ROOM_ADMIN):
        return (ALL if name == events.ROOM_ALL else ADMIN,)
    return of_user(name), of_group(name), of_root(name)
