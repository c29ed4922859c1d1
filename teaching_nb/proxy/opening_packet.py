"""The Socket.IO packet by which a client connects, and the credential that the existing backend expects in it.

Clients say nothing of the kind, for they have none. No input or output.
"""

from __future__ import annotations

import json
import os
from typing import Any

from teaching_nb.proxy.frames import complete_frames, text_frame

_CONNECT = b"40"
"""Engine.IO message, Socket.IO CONNECT to the root namespace; what follows is the client's own `auth`."""


class OpeningPacket:
    """Puts `auth` into the first such packet of a client, in place of what the client says; touches nothing else."""

    def __init__(self, auth: dict[str, Any]) -> None:
        self._packet = _CONNECT + json.dumps(auth).encode()
        self._is_waiting = True

    def put_into(self, data: bytes) -> bytes:
        """Return what goes to the backend for bytes of the client that begin and end with a frame."""
        if not self._is_waiting:
            return data
        passed = b""
        for frame, text in complete_frames(data):
            is_connect = self._is_waiting and text is not None and _is_connect(text)
            passed += text_frame(self._packet, mask=os.urandom(4)) if is_connect else frame
            self._is_waiting &= not is_connect
        return passed


def _is_connect(text: bytes) -> bool:
    """Tell whether this connects to the root namespace: another one stands behind the number, after a slash."""
    return text == _CONNECT or text.startswith(_CONNECT + b"{")
