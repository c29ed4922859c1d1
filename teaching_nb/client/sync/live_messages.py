"""What the hub answers to live text. Pure."""

from __future__ import annotations

from typing import Any

from teaching_nb.errors import InternalError, InvalidInput, OperationalError, error_for_status
from teaching_nb.schema import events, wire


def refusal_in(ack: Any) -> OperationalError | None:
    """Return the refusal in an acknowledgement; None for a positive one."""
    if isinstance(ack, dict) and ack.get("ok") is True:
        return None
    error = ack.get("error") if isinstance(ack, dict) else None
    if not isinstance(error, dict):
        return InternalError("the hub's answer is not understood")
    status = error.get("status")
    return error_for_status(status if isinstance(status, int) else 500, str(error.get("message", "no reason given")))


def synced_in(ack: Any) -> events.Synced:
    """Return the answer to SYNC_DOCUMENT; raises `InternalError` for one that is malformed."""
    try:
        return wire.convert(ack, events.Synced)
    except InvalidInput as error:
        raise InternalError(f"the hub's answer has an unexpected shape: {error.message}") from error


def text_in(data: Any, key: str) -> str:
    """Return the text under a key of the data; empty when there is none."""
    text = data.get(key) if isinstance(data, dict) else None
    return text if isinstance(text, str) else ""
