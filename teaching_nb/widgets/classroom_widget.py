"""Base of the widgets that ask the hub for more than their document: they have the classroom beside the model."""

from __future__ import annotations

from typing import Any, ClassVar

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import NotConnected
from teaching_nb.schema.misfits import notice
from teaching_nb.schema.records import User
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.errands import Errands


class ClassroomWidget(DocumentWidget):
    """One document, with people, groups and other documents of its classroom.

    Without a classroom, when somebody has made it of a model alone, it shows what it can. Whoever has attributes of
    their own sets them before they call this constructor, which shows the model.
    """

    needs_room: ClassVar[bool] = True

    def __init__(
        self, model: DocumentModel, *, room: Classroom | None = None, user: User | None = None, **options: Any
    ) -> None:
        self._room = room
        self._user_then = user
        self._errands = Errands()
        super().__init__(model, user=user, **options)

    def with_misfits(self, state: dict[str, Any]) -> dict[str, Any]:
        """Return the traits with what does not fit the type, where pages get no data: a sentence names the values."""
        odd = self.model.misfits
        return state | {"notice": notice(odd)} if odd else state

    def close(self) -> None:
        """Answer no more."""
        self._errands.end()
        super().close()

    def _user(self) -> User | None:
        """Return who the user is now, as far as that is known."""
        return (self._room.user if self._room else None) or self._user_then

    def _is_staff(self) -> bool:
        user = self._user()
        return user is not None and user.is_staff

    def _demanded_room(self) -> Classroom:
        if self._room is None:
            raise NotConnected("this is shown without a classroom: open it in the notebook that names it")
        return self._room
