"""What the code of a run asks the user for: `input()` and `getpass()`.

The kernel's own way to ask belongs to the request of a cell, and a run has none. So the pages of the widget are told of
the question, each shows a field, and the first answer counts. A page that goes away takes nothing with it: the next
one shows the question as well.
"""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

_numbers = count(1)

END_OF_INPUT = "\x04"
"""What a notebook's field sends for Ctrl+D."""


class Question:
    """One question; answered or interrupted from another thread than the one that waits."""

    def __init__(self, prompt: str, *, is_secret: bool) -> None:
        self.number = next(_numbers)
        self.is_answered = threading.Event()
        self.is_of_main_thread = threading.current_thread() is threading.main_thread()
        self._prompt = prompt
        self._is_secret = is_secret
        self._value: str | None = None

    def told(self) -> dict[str, Any]:
        """Return what a page needs to ask."""
        return {"number": self.number, "prompt": self._prompt, "secret": self._is_secret}

    def answer(self, value: str) -> None:
        """Take the first answer."""
        if not self.is_answered.is_set():
            self._value = value
            self.is_answered.set()

    def interrupt(self) -> None:
        """End the waiting without an answer."""
        self.is_answered.set()

    def result(self) -> str:
        """Return the answer; raises what `input()` raises when there is none."""
        if self._value is None:
            raise KeyboardInterrupt("interrupted while waiting for input")
        if self._value == END_OF_INPUT:
            raise EOFError("the input has ended")
        return self._value
