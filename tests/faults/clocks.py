"""The wall clock of a test's process, to be set while servers look at it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Self

import jwt.api_jwt
import pytest

HOURS = 3_600


class Clock:
    """The wall clock of this process, which can be set; what counts seconds without it goes on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        true_time, true_time_ns = time.time, time.time_ns
        self.offset = 0
        patch.setattr(time, "time", lambda: true_time() + self.offset)
        patch.setattr(time, "time_ns", lambda: true_time_ns() + self.offset * 1_000_000_000)

        class SetDatetime(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Self:
                return cls.fromtimestamp(time.time(), tz)

        patch.setattr(jwt.api_jwt, "datetime", SetDatetime)
