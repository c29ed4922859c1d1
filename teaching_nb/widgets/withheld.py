"""Base of the widgets that show content only to those it was opened to: `solution` and `restricted`.

The content lies in a shared document below a root that nobody may enter; a kernel gets it when the hub lets its user
in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import NotConnected
from teaching_nb.schema.access import Kind
from teaching_nb.widgets import messages
from teaching_nb.widgets.asked_text import AskedTextWidget
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.openings import is_open_to_all, opening_rows

KINDS: Mapping[str, Kind | None] = {"open": "RO", "closed": "None", "": None}
"""What a teacher says of somebody, as the kind of a permission."""


class WithheldWidget(AskedTextWidget):
    """Content that is shown when it is open; teachers write it, and say to whom it is open."""

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.ShowOpenings: "_show_openings",
        messages.OpenTo: "_open_to",
    }

    def __init__(self, model: DocumentModel, *, room: Classroom | None = None, **options: Any) -> None:
        super().__init__(model, room=room, **options)
        if room is not None:
            room.permissions.follow(model.root_id, self._tell_openings)

    def close(self) -> None:
        """Hear of no openings any more."""
        if self._room is not None:
            self._room.permissions.unfollow(self.model.root_id, self._tell_openings)
        super().close()

    def _tell_openings(self) -> None:
        """Have pages ask anew: another teacher may have opened it to somebody, or another cell of this kernel."""
        self.send({"kind": "content_changed"})

    def _show_openings(self, _message: messages.ShowOpenings, reply: Reply) -> None:
        self._errands.run(self._openings, reply, "asking to whom this is open")

    def _open_to(self, message: messages.OpenTo, reply: Reply) -> None:
        def job() -> dict[str, Any]:
            room, kind = self._demanded_room(), KINDS[message.access]
            permit = room.permissions.permit_group if message.who == "group" else room.permissions.permit_user
            permit(self.model.root_id, message.id, kind)
            return self._openings()

        self._errands.run(job, reply, "saying to whom this is open")

    def _openings(self) -> dict[str, Any]:
        room, user = self._demanded_room(), self._user()
        if user is None:
            raise NotConnected("the hub has not answered yet")
        root = room.permissions.of(self.model.root_id)
        rows = opening_rows(root, room.groups, {each.id: each for each in room.users}, user)
        return {"groups": rows, "isOpenToAll": is_open_to_all(root)}
