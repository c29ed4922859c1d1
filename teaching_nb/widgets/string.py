"""The text answer: several lines, edited live."""

from __future__ import annotations

from typing import Any

from teaching_nb.schema.types.string import TYPE
from teaching_nb.widgets.document import show
from teaching_nb.widgets.live_text import LiveTextWidget


def text(
    slug: str,
    init: str = "",
    shared: bool | str = False,  # noqa: FBT001, FBT002 - reads well by position and by name
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> TextWidget:
    """Return a live text answer for the document root `slug`; arguments as of `code`."""
    return show(TextWidget, slug, init=init, shared=shared, title=title, course=course, room=room)


class TextWidget(LiveTextWidget, shows=TYPE):
    """An editor for prose."""
