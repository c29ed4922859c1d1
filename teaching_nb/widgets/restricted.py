"""Content that people see once it is opened to them."""

from __future__ import annotations

from typing import Any

from teaching_nb.schema.types.restricted import TYPE
from teaching_nb.widgets.document import show
from teaching_nb.widgets.withheld import WithheldWidget


def restricted(
    slug: str,
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> RestrictedWidget:
    """Return content below the document root `slug`, which people see once a teacher opens it to them.

    Teachers write it here, where nobody else sees it: what stood in the call would stand in everybody's notebook.
    """
    return show(RestrictedWidget, slug, shared="withheld", title=title, course=course, room=room)


class RestrictedWidget(WithheldWidget, shows=TYPE):
    """Content that may be closed."""
