"""A statement to judge: true or false."""

from __future__ import annotations

from typing import Any

from teaching_nb.schema.types.true_false_answer import TYPE
from teaching_nb.widgets.answer import AnswerWidget
from teaching_nb.widgets.document import show


def true_false(slug: str, *, title: str | None = None, course: str | None = None, room: Any = None) -> TrueFalseWidget:
    """Return a statement to judge, for the document root `slug`; `title` is the statement."""
    return show(TrueFalseWidget, slug, title=title, course=course, room=room)


class TrueFalseWidget(AnswerWidget, shows=TYPE):
    """Two options: true and false."""

    def as_text(self) -> str:
        """Return both options, with the one that was chosen."""
        value = self.understood()["value"]
        return "\n".join(
            f"[{'x' if value is option else ' '}] {words}" for option, words in ((True, "True"), (False, "False"))
        )
