"""The tick box of a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import List, Unicode

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.types.task_state import STATES, TYPE
from teaching_nb.widgets.document import DataWidget, show

DEFAULT_STATES = ("unset", "checked", "question")

WORDS = {
    "unset": "☐ Open",
    "checked": "☑ Done",
    "question": "? Question",
    "star": "★ Star",
    "star-half": "½★ Half a star",
    "star-empty": "☆ Empty star",
    "clock-check": "◴ Waiting for the solution",
    "progress-check": "◐ Ready to compare",
}
"""The states as `states.ts` shows them."""


def task(
    slug: str,
    states: Sequence[str] = DEFAULT_STATES,
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> TaskWidget:
    """Return a tick box for the document root `slug`; pressing it goes through `states`."""
    return show(TaskWidget, slug, states=states, title=title, course=course, room=room)


class TaskWidget(DataWidget, shows=TYPE):
    """A button that goes through the states of a task."""

    states = List(Unicode()).tag(sync=True)
    "The states that the button goes through."

    def __init__(self, model: DocumentModel, *, states: Sequence[str] = DEFAULT_STATES, **options: Any) -> None:
        super().__init__(model, states=_checked(states), **options)

    def as_text(self) -> str:
        """Return the state as the button shows it."""
        state = str(getattr(self.model, "state", ""))
        return WORDS.get(state, state)


def _checked(states: Sequence[str]) -> list[str]:
    unknown = [state for state in states if state not in STATES]
    if unknown:
        raise InvalidInput(f"not a task state: {unknown[0]!r}; there are {', '.join(STATES)}")
    if len(states) < 2:
        raise InvalidInput(f"a task needs at least two states, not {len(states)}")
    twice = next((state for state in states if list(states).count(state) > 1), None)
    if twice is not None:
        raise InvalidInput(f"the state {twice!r} is given twice: a press could not tell where to go on")
    return list(states)
