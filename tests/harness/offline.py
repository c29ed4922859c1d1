"""Real models of a classroom whose hub cannot be reached."""

from __future__ import annotations

import socket
from functools import cache
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.connecting import connect
from teaching_nb.schema import wire


@cache
def offline_classroom() -> Classroom:
    """Return a classroom at an address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return connect(f"http://127.0.0.1:{port}", "no-token")


def offline_model(type_name: str, init: str | None) -> Any:
    """Return a new document that lives in this process only."""
    return offline_classroom().document(wire.new_id(), type=type_name, init=init, other_type=True)
