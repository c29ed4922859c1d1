"""The text answer: several lines, edited live."""

from __future__ import annotations

from typing import Any

from teaching_nb.client.models.string import StringModel
from teaching_nb.schema.records import User
from teaching_nb.widgets.default_classroom import classroom, root_name
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
    room = room or classroom()
    model = room.document(root_name(room, slug, course), type="string", init=init, shared=shared)
    return TextWidget(model, user=room.user, title=slug if title is None else title)


class TextWidget(LiveTextWidget):
    """An editor for prose."""

    def __init__(self, model: StringModel, *, user: User | None = None, title: str = "", **traits: Any) -> None:
        super().__init__(model, user=user, title=title, kind="text", text_key="text", **traits)
