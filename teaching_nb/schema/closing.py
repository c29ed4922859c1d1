"""What the socket relay says to a client that it cannot connect: WebSocket close code and reason."""

from __future__ import annotations

TRY_AGAIN_LATER = 1013
"""The code, whatever the reason."""

NOBODY_THERE = "hub unavailable"
"""The reason when the relay has found no hub: trying again soon is no burden to anybody."""
