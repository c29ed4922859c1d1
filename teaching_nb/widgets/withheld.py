"""Base of the widgets that show content only to those it was opened to: `solution` and `restricted`.

The content lies in a shared document below a root that nobody may enter. A kernel gets it when the hub lets its user
in, a page when it asks the kernel; neither puts it into a trait or an output, which may become a part of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from traitlets import Bool, TraitError

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput, NotConnected
from teaching_nb.schema.access import Kind, is_access, is_readable
from teaching_nb.schema.records import User
from teaching_nb.widgets import messages
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.errands import Errands
from teaching_nb.widgets.openings import is_open_to_all, opening_rows

KINDS: Mapping[str, Kind | None] = {"open": "RO", "closed": "None", "": None}
"""What a teacher says of somebody, as the kind of a permission."""


class WithheldWidget(DocumentWidget):
    """Content that is shown when it is open; teachers write it, and say to whom it is open."""

    is_open = Bool().tag(sync=True)
    "Whether the user may see the content."
    is_staff = Bool().tag(sync=True)
    "Whether the user may say to whom it is open."

    watched: ClassVar[tuple[str, ...]] = ("data", "is_loaded")
    is_withheld: ClassVar[bool] = True
    needs_room: ClassVar[bool] = True

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.Assign: "_assign",
        messages.ShowContent: "_show_content",
        messages.ShowOpenings: "_show_openings",
        messages.OpenTo: "_open_to",
    }

    def __init__(
        self, model: DocumentModel, *, room: Classroom | None = None, user: User | None = None, **options: Any
    ) -> None:
        self._room = room
        self._user_then = user
        self._errands = Errands()
        super().__init__(model, user=user, **options)

    def state(self) -> dict[str, Any]:
        """Return the traits: whether there is something to be seen, and never what."""
        user = self._user()
        is_staff = user is not None and user.role in {"teacher", "admin"}
        return super().state() | {"is_open": self._is_open(), "is_staff": is_staff}

    def show_model(self) -> None:
        """Make the traits equal to the model's, and have pages ask for the content. Any thread."""
        super().show_model()
        self.send({"kind": "content_changed"})

    def written(self) -> dict[str, str]:
        """Return what stands in the file: never the content."""
        return {"text/plain": f"{self.title}: run this cell in a notebook to see it, once it is open to you"}

    def close(self) -> None:
        """Answer no more."""
        self._errands.end()
        super().close()

    def _user(self) -> User | None:
        return (self._room.user if self._room else None) or self._user_then

    def _is_open(self) -> bool:
        facts, access = self.model.gate.facts, self.value_of("access")
        is_refused = bool(facts.awaited or facts.refusal)
        return self.value_of("is_loaded") and not is_refused and is_access(access) and is_readable(access)

    def _assign(self, message: messages.Assign, reply: Reply) -> None:
        if message.key != "text":
            raise InvalidInput(f"here is nothing called {message.key!r} to be changed; there is text")
        try:
            setattr(self.model, "text", message.value)  # noqa: B010 - a trait that the type has given the model
        except TraitError as error:
            raise InvalidInput(str(error)) from error
        if not self.model.gate.post(reply.give, None):
            reply.refuse("this classroom is closed: run the cell again")

    def _show_content(self, _message: messages.ShowContent, reply: Reply) -> None:
        data = self.value_of("data") if self._is_open() else {}
        text = data.get("text", "") if isinstance(data, dict) else None
        reply.give({"text": text if isinstance(text, str) else "", "isOdd": not isinstance(text, str)})

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

    def _demanded_room(self) -> Classroom:
        if self._room is None:
            raise NotConnected("this is shown without a classroom: open it in the notebook that names it")
        return self._room
