"""Formatted text, written as Markdown beside what it looks like."""

from __future__ import annotations

from typing import Any, ClassVar

from traitlets import Unicode

from teaching_nb.client.models.quill_v2 import QuillV2Model
from teaching_nb.schema.types.quill_v2 import TYPE
from teaching_nb.widgets.document import show
from teaching_nb.widgets.live_text import LiveTextWidget


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
    watched: ClassVar[tuple[str, ...]] = ("data", "why_read_only")

    stored = Unicode().tag(sync=True)
    "What another program has stored, as far as Markdown can say it; empty for a text that is edited here."

    model: QuillV2Model

    def state(self) -> dict[str, Any]:
        """Return the traits; what Markdown cannot say is read only, with the reason."""
        state, why = super().state(), self.value_of("why_read_only")
        if not why:
            return state | {"stored": ""}
        notice = f"Another program has written this, and it {why}. It is shown here, and never rewritten."
        access = "RO_User" if state["access"].startswith("RW") else state["access"]
        read_only = {} if state["save_state"] == "offline" else {"save_state": "read-only", "save_detail": ""}
        return state | read_only | {"access": access, "notice": notice, "stored": self.model.readable}

    def as_text(self) -> str:
        """Return the text as Markdown, as far as Markdown can say it."""
        return self.model.readable
