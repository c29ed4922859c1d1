"""Who is meant by a call: people and groups as people name them."""

from __future__ import annotations

from typing import Any, TypeVar

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.stores import RecordStore
from teaching_nb.errors import InvalidInput, NotConnected
from teaching_nb.schema.records import StudentGroup, User

R = TypeVar("R", User, StudentGroup)

KNOWN_SECONDS = 10.0
"""How long a call waits for the lists of people and groups, which come right after the connection."""
_MOST_NAMED = 12
"""People or groups whom an error names."""


def person_named(room: Classroom, who: Any, word: str = "student") -> User:
    """Return a person by user id, e-mail address or name; raises `InvalidInput` for nobody, or for several.

    `word` is what the call calls them.
    """
    if not isinstance(who, str) or not who.strip():
        raise InvalidInput(f"{word} is a name, an e-mail address or a user id, not {who!r:.60}")
    wanted, people = _as_written(who), known(room, room.users)
    found = [user for user in people if wanted in _names(room, user)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(f"{len(found)} people are called {who!r}: use one of {_listed(u.email for u in found)}")
    own = {each for group in known(room, room.groups) if _leads(room, group) for each in group.user_ids or ()}
    students = [room.users.name_of(user.id) for user in people if not user.is_staff and user.id in own]
    raise InvalidInput(f"nobody here is called {who!r:.60}; there are {_listed(students) or 'no students'}")


def group_named(room: Classroom, name: Any) -> StudentGroup:
    """Return a group of the user's by its id or name; raises `InvalidInput` for none, or for several."""
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput(f"a group is named by its name or id, not by {name!r:.60}")
    wanted, groups = _as_written(name), known(room, room.groups)
    found = [group for group in groups if wanted in {group.id, _as_written(group.name)}]
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(f"{len(found)} of your groups are called {name!r}: use the id of one")
    raise InvalidInput(f"you have no group {name!r:.60}; you have {_listed(group.name for group in groups) or 'none'}")


def known(room: Classroom, store: RecordStore[R]) -> list[R]:
    """Return the people or groups of a classroom; raises `NotConnected` when they are not known in time."""
    if not store.is_complete and not (room.is_live and store.wait_complete(KNOWN_SECONDS)):
        raise NotConnected(
            f"people and groups are not known yet ({room.status}): run the cell again when you are connected"
        )
    return list(store)


def _leads(room: Classroom, group: StudentGroup) -> bool:
    user = room.user
    return user is not None and (user.role == "admin" or user.id in (group.admin_ids or ()))


def _as_written(name: str) -> str:
    return " ".join(name.split()).casefold()


def _names(room: Classroom, user: User) -> set[str]:
    full = f"{user.first_name} {user.last_name}"
    return {_as_written(each) for each in (user.id, user.email, room.users.name_of(user.id), full)}


def _listed(names: Any) -> str:
    found = sorted(names)
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return ", ".join(found[:_MOST_NAMED]) + more
