"""“I have read this”, and for how long."""

from __future__ import annotations

from typing import Any

from teaching_nb.schema.types.page_read_check import TYPE
from teaching_nb.widgets.document import DataWidget, show


def read_check(slug: str, *, title: str | None = None, course: str | None = None, room: Any = None) -> ReadCheckWidget:
    """Return a box “I have read this” for the document root `slug`; it counts how long its cell is seen."""
    return show(ReadCheckWidget, slug, title=title, course=course, room=room)


class ReadCheckWidget(DataWidget, shows=TYPE):
    """A box to tick, and the reading time. Pages count it, and tell it every ten seconds at most."""

    def as_text(self) -> str:
        """Return whether it was read, and for how long."""
        data = self.understood()
        return f"[{'x' if data['read'] else ' '}] I have read this ({data['readTime']} s)"
