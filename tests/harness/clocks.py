"""Clocks of this process that tests set, in place of the true ones."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Self

import jwt.api_jwt
import pytest

HOURS = 3_600


class WallClock:
    """The wall clock of this process, which can be set; what counts seconds without it goes on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        true_time, true_time_ns = time.time, time.time_ns
        self.offset = 0.0
        """Seconds beside the true time."""
        patch.setattr(time, "time", lambda: true_time() + self.offset)
        patch.setattr(time, "time_ns", lambda: true_time_ns() + int(self.offset * 1_000_000_000))

        class SetDatetime(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Self:
                return cls.fromtimestamp(time.time(), tz)

        patch.setattr(jwt.api_jwt, "datetime", SetDatetime)

    def advance(self, milliseconds: int) -> None:
        """Set the clock forward."""
        self.offset += milliseconds / 1_000


class HandClock:
    """A clock that stands still until it is moved, for what is handed its clock."""

    def __init__(self) -> None:
        self.now = 1_000.0
        """Seconds."""

    def __call__(self) -> float:
        """Return the time."""
        return self.now
