"""The tick box of a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import List, Unicode

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.types.solution import TYPE as SOLUTION_TYPE
from teaching_nb.schema.types.task_state import STATES, TYPE
from teaching_nb.widgets.arguments import check_place, texts
from teaching_nb.widgets.default_classroom import classroom
from teaching_nb.widgets.document import DataWidget, show
from teaching_nb.widgets.openings import is_open

DEFAULT_STATES = ("unset", "checked", "question")
COMPARING_STATES = ("unset", "question", "progress-check", "checked")
"""Of a task with a solution; what comes after the comparing is offered while the solution is open."""

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
    states: Sequence[str] | None = None,
    *,
    solution: str | None = None,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> TaskWidget:
    """Return a tick box for the document root `slug`; pressing it goes through `states`.

    With the slug of a `solution`, whoever is ready to compare waits until a teacher opens that to them; only then
    they can say that they are done.
    """
    if solution is None:
        states = _checked(DEFAULT_STATES if states is None else states, is_compared=False)
        return show(TaskWidget, slug, states=states, title=title, course=course, room=room)
    states = _checked(COMPARING_STATES if states is None else states, is_compared=True)
    check_place(title=title, course=course, room=room)
    room = room or classroom()
    compared = room.document(solution, type=SOLUTION_TYPE.name, shared="withheld", course=course)
    return show(TaskWidget, slug, states=states, compared=compared, title=title, course=course, room=room)


class TaskWidget(DataWidget, shows=TYPE):
    """A button that goes through the states of a task."""

    states = List(Unicode()).tag(sync=True)
    "The states that the button goes through."
    solution = Unicode().tag(sync=True)
    "Whether the solution that one compares with is `open` or `closed` to the user; empty where there is none."

    def __init__(
        self,
        model: DocumentModel,
        *,
        states: Sequence[str] = DEFAULT_STATES,
        compared: DocumentModel | None = None,
        **options: Any,
    ) -> None:
        self._compared = compared
        super().__init__(model, states=_checked(states, is_compared=compared is not None), **options)
        if compared is not None:
            self.show_changes(compared, ["access", "is_loaded", "save_state"])
            self.show_model()

    def state(self) -> dict[str, Any]:
        """Return the traits: the document's, whether the solution is open, and why there is none."""
        state, refusal = super().state(), self._refusal()
        why = f"There is no solution to compare with: {refusal}. Whoever is ready is done without it."
        return state | {"solution": self._openness()} | ({"notice": why} if refusal else {})

    def as_text(self) -> str:
        """Return the state as the button shows it."""
        state = str(getattr(self.model, "state", ""))
        waits = state == "progress-check" and self._openness() == "closed"
        return WORDS.get("clock-check" if waits else state, state)

    def _refusal(self) -> str:
        """Return why the hub has no solution for this task, and never will have; empty while it may."""
        return self._compared.gate.facts.refusal if self._compared is not None else ""

    def _openness(self) -> str:
        if self._compared is None or self._refusal():
            return ""
        return "open" if is_open(self._compared) else "closed"


def _checked(states: Sequence[str], *, is_compared: bool) -> list[str]:
    known = texts("states of a task", states)
    unknown = [state for state in known if state not in STATES]
    if unknown:
        raise InvalidInput(f"not a task state: {unknown[0]!r}; there are {', '.join(STATES)}")
    if len(known) < 2:
        raise InvalidInput(f"a task needs at least two states, not {len(known)}")
    twice = next((state for state in known if known.count(state) > 1), None)
    if twice is not None:
        raise InvalidInput(f"the state {twice!r} is given twice: a press could not tell where to go on")
    if is_compared and "progress-check" not in known:
        raise InvalidInput("a task with a solution needs the state progress-check: nobody could be ready to compare")
    if is_compared and "clock-check" in known:
        raise InvalidInput("clock-check is shown by itself while the solution is closed: leave it out of the states")
    return known
