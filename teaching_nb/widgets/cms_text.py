"""What staff write for one student: feedback, marks."""

from __future__ import annotations

from typing import Any

from teaching_nb.errors import InvalidInput
from teaching_nb.schema.types.cms_text import TYPE
from teaching_nb.widgets.arguments import check_place
from teaching_nb.widgets.asked_text import AskedTextWidget
from teaching_nb.widgets.default_classroom import classroom, root_name
from teaching_nb.widgets.named import person_named


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
    check_place(title=title, course=course, room=room)
    room = room or classroom()
    name, user = root_name(room, slug, course), room.user
    wanted = None if student is None else person_named(room, student)
    is_staff = user is not None and user.is_staff
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


class FeedbackWidget(AskedTextWidget, shows=TYPE):
    """A text that teachers write for a student, who reads it."""

    def state(self) -> dict[str, Any]:
        """Return the traits; staff who look at their own have nothing to write."""
        user = self._user()
        is_own = user is not None and bool(self.model.author_id) and self.model.author_id == user.id
        state = super().state()
        return state | {"is_staff": state["is_staff"] and not is_own}
