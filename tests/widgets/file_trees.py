"""A file tree as its tests use it."""

from __future__ import annotations

from typing import Any

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.widgets.dir import FilesWidget
from teaching_nb.widgets.document import DocumentWidget
from tests.harness.waiting import wait_until
from tests.widgets.recording import Sent


def ask(widget: DocumentWidget, kind: str, **content: Any) -> dict[str, Any]:
    """Let a page ask the widget, and return the answer."""
    sent = Sent()
    widget.send = sent  # what was sent is looked at
    widget._handle_custom_msg({"kind": kind, "peer": "page", "ask": 1, **content}, [])
    return sent.wait("answer")


def the_files(room: Classroom, *, shared: bool = False) -> FilesWidget:
    """Open a tree, and wait for the hub."""
    widget: FilesWidget = tnb.files("project", shared=shared, title="Project", room=room)
    widget.model.wait_loaded(30)
    wait_until(lambda: widget._below is not None and widget._below.is_loaded, "the hub has answered")
    return widget


def lines(widget: FilesWidget) -> list[str]:
    """Return the tree in words."""
    return widget.as_text().split("\n")


def row(widget: FilesWidget, name: str) -> dict[str, Any]:
    """Return what the page has of the one entry of a name."""
    [found] = [each for each in widget.entries if each["name"] == name]
    return found


def names(widget: FilesWidget) -> list[str]:
    """Return the names that the page has, in its order."""
    return [each["name"] for each in widget.entries]
