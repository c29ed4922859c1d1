"""Which run the code that is just executed belongs to, also in threads and asyncio tasks that it has started.

Tasks take the context of whoever made them; threads do not, so that what a thread is given is seen to here.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from functools import partial
from typing import Any, Protocol


class Capture(Protocol):
    """Where what the code of one run puts out goes."""

    def write(self, name: str, text: str) -> None:
        """Take text of standard output or error."""

    def descriptor(self, name: str) -> int | None:
        """Return the file descriptor whose text is taken, None where there is none."""

    def show(self, kind: str, content: dict[str, Any]) -> bool:
        """Take what is displayed, updated or cleared; returns False where it is not for a run."""

    def result(self, content: dict[str, Any]) -> None:
        """Take the value of the last expression."""

    def error(self, kind: type[BaseException], value: Any, traceback: list[str]) -> None:
        """Take an exception."""

    def ask(self, prompt: str, *, is_secret: bool) -> str:
        """Ask the user for a line of text."""

    def enter(self, output: Any) -> None:
        """Show what follows in an Output widget."""

    def leave(self, output: Any) -> None:
        """Show what follows where it was shown before."""


CURRENT: ContextVar[Capture | None] = ContextVar("teaching_nb_capture", default=None)

_start = threading.Thread.start


def pass_on_to_threads() -> None:
    """Let threads belong to the run that starts them, as long as they live; it may be called twice."""
    threading.Thread.start = _start_for_the_same_run  # type: ignore[method-assign,assignment] # Python has no hook for this


def _start_for_the_same_run(thread: threading.Thread) -> None:
    capture = CURRENT.get()
    if capture is not None:
        # In the object, so that it counts before the `run` of every subclass.
        thread.run = partial(_run, thread, thread.run, capture)  # type: ignore[method-assign] # as above
    _start(thread)


def _run(thread: threading.Thread, run: Any, capture: Capture) -> None:
    del thread.run
    CURRENT.set(capture)
    run()
