"""The solution of a task that people see once it is opened to them."""

from __future__ import annotations

from typing import Any

from teaching_nb.schema.types.solution import TYPE
from teaching_nb.widgets.document import show
from teaching_nb.widgets.withheld import WithheldWidget


def solution(
    slug: str,
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> SolutionWidget:
    """Return the solution of a task below the document root `slug`, which people see once a teacher opens it to them.

    Teachers write it here, where nobody else sees it: what stood in the call would stand in everybody's notebook.
    """
    return show(SolutionWidget, slug, shared="withheld", title=title, course=course, room=room)


class SolutionWidget(WithheldWidget, shows=TYPE):
    """The solution of a task that may be closed."""
