"""What staff write for one student: feedback, marks."""

from __future__ import annotations

import threading
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.errors import InvalidInput, NotConnected
from teaching_nb.schema.records import User
from teaching_nb.schema.types.cms_text import TYPE
from teaching_nb.widgets.asked_text import AskedTextWidget
from teaching_nb.widgets.classroom_widget import STAFF
from teaching_nb.widgets.default_classroom import classroom, root_name

PEOPLE_SECONDS = 10.0
"""How long a call waits for the list of people, which comes right after the connection."""
_MOST_NAMED = 12
"""People whom an error names."""


def feedback(
    slug: str,
    *,
    student: str | None = None,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> FeedbackWidget:
    """Return what staff write for one student below the document root `slug`, and only the two sides see.

    Teachers say for whom: `student` is a name, an e-mail address or a user id. Students leave it out, and read what was
    written for them; it appears as soon as it is there. Raises `InvalidInput` for somebody who is not known.
    """
    room = room or classroom()
    name, user = root_name(room, slug, course), room.user
    wanted = None if student is None else named(room, student)
    is_staff = user is not None and user.role in STAFF
    if wanted is None and is_staff:
        raise InvalidInput(f"say whom this feedback is for: tnb.feedback({slug!r}, student='a name or e-mail address')")
    if wanted is not None and not is_staff:
        if user is None or wanted.id != user.id:
            raise InvalidInput(f"only teachers write feedback: leave out student={student!r} to read your own")
        wanted = None
    model = room.document_for(name, type=TYPE.name, student=wanted.id if wanted else None)
    if title is None:
        title = slug if wanted is None else f"{slug}: {room.users.name_of(wanted.id)}"
    return FeedbackWidget(model, user=user, room=room, title=title)


def named(room: Classroom, who: str) -> User:
    """Return a person by user id, e-mail address or name; raises `InvalidInput` for nobody, or for several."""
    if not isinstance(who, str) or not who.strip():
        raise InvalidInput(f"student is a name, an e-mail address or a user id, not {who!r:.60}")
    wanted, people = " ".join(who.split()).casefold(), _people(room)
    found = [user for user in people if wanted in _names(room, user)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(f"{len(found)} people are called {who!r}: use one of {_listed(u.email for u in found)}")
    students = [room.users.name_of(user.id) for user in people if user.role not in STAFF]
    raise InvalidInput(f"nobody here is called {who!r:.60}; there are {_listed(students) or 'no students'}")


def _names(room: Classroom, user: User) -> set[str]:
    full = f"{user.first_name} {user.last_name}"
    return {" ".join(each.split()).casefold() for each in (user.id, user.email, room.users.name_of(user.id), full)}


def _listed(names: Any) -> str:
    known = sorted(names)
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return ", ".join(known[:_MOST_NAMED]) + more


def _people(room: Classroom) -> list[User]:
    arrived = threading.Event()

    def look(_change: Any) -> None:
        arrived.set()

    room.users.observe(look, "records")
    try:
        if not room.users and not (room.is_live and arrived.wait(PEOPLE_SECONDS) and room.users):
            raise NotConnected(f"people are not known yet ({room.status}): run the cell again when you are connected")
        return list(room.users)
    finally:
        room.users.unobserve(look, "records")


class FeedbackWidget(AskedTextWidget, shows=TYPE):
    """A text that teachers write for a student, who reads it."""

    def state(self) -> dict[str, Any]:
        """Return the traits; staff who look at their own have nothing to write."""
        user = self._user()
        is_own = user is not None and bool(self.model.author_id) and self.model.author_id == user.id
        state = super().state()
        return state | {"is_staff": state["is_staff"] and not is_own}
