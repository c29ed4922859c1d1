"""Formatted text, written as Markdown beside what it looks like."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from teaching_nb.client.models.quill_v2 import QuillV2Model
from teaching_nb.schema.types.quill_v2 import TYPE
from teaching_nb.widgets.document import show
from teaching_nb.widgets.live_text import LiveTextWidget, as_read


def richtext(
    slug: str,
    init: str = "",
    shared: bool | str = False,  # noqa: FBT001, FBT002 - reads well by position and by name
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> RichTextWidget:
    """Return a formatted text for the document root `slug`; `init` is Markdown, `init` and `shared` as of `code`."""
    return show(RichTextWidget, slug, init=init, shared=shared, title=title, course=course, room=room)


class RichTextWidget(LiveTextWidget, shows=TYPE):
    """An editor for Markdown, and below it what it looks like."""

    language: ClassVar[str] = "markdown"
    watched: ClassVar[tuple[str, ...]] = ("data", "oddity", "why_read_only")

    model: QuillV2Model

    def state(self) -> dict[str, Any]:
        """Return the traits; what Markdown cannot say is read only, with the reason."""
        state, why = super().state(), self.value_of("why_read_only")
        if not why or self.model.oddity:
            return state
        notice = (
            f"Another program has written this, and it {why}. It is shown here, and never rewritten. "
            "Whoever wrote it can mend it, its author by assigning `.model.delta` in Python."
        )
        return as_read(state, stored=self._readable(), why=notice)

    def as_text(self) -> str:
        """Return the text as Markdown, as far as Markdown can say it; of what is none, what is stored."""
        return super().as_text() if self.model.oddity else self._readable()

    def _readable(self) -> str:
        text = self.model.readable
        if text or not self.model.why_read_only:
            return text
        return as_code(json.dumps(self.model.gate.peek("data"), ensure_ascii=False, indent=2))


def as_code(text: str) -> str:
    """Return text as Markdown that shows it as it is, whatever stands in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
