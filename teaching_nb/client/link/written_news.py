"""News of what staff have written in a student's name: the existing backend tells the student nothing of that.

Whoever has written it says so to the student with an ACTION, which everybody may have kinds of, and that only elevated
people can send. It says where, never what: the student's kernels read what is there, as they may. Loop thread.
"""

from __future__ import annotations

from typing import Any, Final

from teaching_nb.client.link.connection import Connection
from teaching_nb.client.link.tasks import Tasks
from teaching_nb.schema import events, wire

WRITTEN_FOR_YOU: Final = "written-for-you"
"""Kind of the action; pages of the website know it not, and do nothing."""
TELL_SECONDS = 2.0


class WrittenNews:
    """Tells students of what was written for them. Where nobody takes actions, as before May 2025, nobody is told."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tasks = Tasks()

    def tell(self, student_id: str, root_id: str) -> None:
        """Have a student's kernels read again what lies below a root."""
        action = {"type": WRITTEN_FOR_YOU, "documentRootId": root_id}
        told = events.Action(action=action, room_ids=[], user_ids=[student_id])
        self._tasks.try_once(self._connection.call(events.ACTION, wire.to_plain(told), TELL_SECONDS))


def root_in(action: Any) -> str | None:
    """Return below which root something was written, of such an action; None for any other one."""
    if not isinstance(action, dict) or action.get("type") != WRITTEN_FOR_YOU:
        return None
    root_id = action.get("documentRootId")
    return root_id if wire.is_uuid(root_id) else None
