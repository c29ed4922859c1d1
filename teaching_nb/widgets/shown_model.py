"""Keep traits of a widget equal to those of the model that it shows."""

from __future__ import annotations

import weakref
from typing import Any

from teaching_nb.client.models.document import DocumentModel

SAVING = ("access", "save_state", "save_detail", "notice")
"""Traits about saving and sharing that models, and the widgets that show them, have in common.

A widget says how it stands with the kernel's own changes: each page knows about its own, and tells its user.
"""


def follow(widget: Any, model: DocumentModel, *more: str) -> None:
    """Copy these traits, and `more`, now and on every change until the widget is closed."""
    names = [*SAVING, *more]
    shown = weakref.ref(widget)

    def show(alive: Any) -> None:
        alive.has_unsaved = model.gate.facts.is_unsaved
        alive.save_state, alive.save_detail = model.saved_here()
        for name in ("access", "notice", *more):
            setattr(alive, name, getattr(model, name))

    def copy(_change: Any) -> None:
        alive = shown()
        if alive is None or alive.comm is None:
            model.unobserve(copy, names)
            return
        # The model has all its new values before it announces the first one: one message to the pages, not one each.
        with alive.hold_sync():
            show(alive)

    model.observe(copy, names)
    show(widget)
