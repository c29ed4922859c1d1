"""An instruction whose steps open one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import List, Unicode

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.types.progress_state import TYPE
from teaching_nb.widgets.arguments import texts
from teaching_nb.widgets.document import DataWidget, show

MOST_NUMBERED = 100
"""So many steps are listed by their numbers: another program may have stored any."""


def progress(
    slug: str,
    steps: Sequence[str],
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> ProgressWidget:
    """Return an instruction for the document root `slug`: its `steps`, texts, open one after the other."""
    known = _checked(steps)
    init = {"progress": 0, "totalSteps": len(known)}
    return show(ProgressWidget, slug, init=init, steps=known, title=title, course=course, room=room)


class ProgressWidget(DataWidget, shows=TYPE):
    """The steps up to the open one; without them, as in an overview, their numbers."""

    steps = List(Unicode()).tag(sync=True)
    "What is to be done, step by step."

    def __init__(self, model: DocumentModel, *, steps: Sequence[str] = (), **more: Any) -> None:
        self._told = list(steps)
        super().__init__(model, steps=self._told, **more)

    def as_text(self) -> str:
        """Return the steps that are open or done, and how many there are."""
        data = self.understood()
        done, total = data["progress"], data["totalSteps"]
        total = len(self._told) or total
        names = self._told or [f"Step {number + 1}" for number in range(min(total, MOST_NUMBERED))]
        # Steps without names say no more than how many they are.
        is_listed = len(names) == total or done < MOST_NUMBERED
        names = names[: done + 1] if is_listed else []
        shown = [f"[{'x' if number < done else ' '}] {name}" for number, name in enumerate(names)]
        return "\n".join([*shown, f"{min(done, total)} of {total} steps are done"])

    def assign(self, key: str, value: Any) -> None:
        """Take how far somebody has come; the call may have other steps by now than when the document was made."""
        super().assign(key, value)
        if self._told and self.data.get("totalSteps") != len(self._told):
            super().assign("totalSteps", len(self._told))


def _checked(steps: Sequence[str]) -> list[str]:
    known = texts("steps", steps)
    if not known:
        raise InvalidInput("an instruction needs at least one step, and there is none")
    return known
