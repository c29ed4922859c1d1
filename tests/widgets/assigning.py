"""Widgets of plain data without a browser: made of data, and assigned to as a page does it."""

from __future__ import annotations

from typing import Any

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.schema import wire
from teaching_nb.widgets.document import DocumentWidget
from tests.harness.offline import offline_classroom
from tests.widgets.recording import Sent


def offline_document(type_name: str, data: dict[str, Any] | None = None) -> DocumentModel:
    """Return a new document that lives in this process only."""
    return offline_classroom().document(wire.new_id(), type=type_name, init=data)


def asked(widget: DocumentWidget, kind: str, **content: Any) -> dict[str, Any]:
    """Let a page ask a widget, and return the answer."""
    sent = Sent()
    widget.send = sent  # what was sent is looked at
    widget._handle_custom_msg({"kind": kind, "peer": "page", "ask": 1, **content}, [])
    return sent.wait("answer")


def assign(widget: DocumentWidget, key: str, value: Any) -> str:
    """Let a page assign a key; return the refusal, empty for none."""
    return str(asked(widget, "assign", key=key, value=value)["refusal"])
