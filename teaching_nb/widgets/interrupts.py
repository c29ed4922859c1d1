"""An interrupt while a run keeps or sends what was put out waits until that is done.

A program that prints much is nearly always interrupted there, and locks of Python that an interrupt leaves behind are
never released.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


class HeldBack:
    """`with held_back:` on the main thread; other threads get no interrupts."""

    def __init__(self) -> None:
        self._depth = 0
        self._handler: Any = None
        self._is_due = False

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        if not self._depth:
            # Only for this moment: Python's own handler leaves no frame of ours in a traceback.
            self._handler = signal.signal(signal.SIGINT, self._hold)
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth -= 1
        if self._depth:
            return
        is_due, self._is_due = self._is_due, False
        signal.signal(signal.SIGINT, self._handler)
        if is_due and callable(self._handler):
            self._handler(signal.SIGINT, None)

    def _hold(self, _number: int, _frame: FrameType | None) -> None:
        self._is_due = True


held_back = HeldBack()
