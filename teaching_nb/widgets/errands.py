"""What a widget asks the hub and has to wait for: a comm thread must not wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from teaching_nb.widgets.base import Reply, sentence


class Errands:
    """Done one after the other on a thread of their own, which begins with the first one."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tnb-errands")

    def run(self, job: Callable[[], Any], reply: Reply, doing: str) -> None:
        """Answer a page with what a job returns, or with why it did not work."""

        def answer() -> None:
            try:
                reply.give(job())
            except Exception as error:  # noqa: BLE001 - the edge: the executor would keep it to itself
                reply.refuse(sentence(error, doing))

        try:
            self._pool.submit(answer)
        except RuntimeError:
            reply.refuse("this widget is closed: run the cell again")

    def end(self) -> None:
        """Take no more of them."""
        self._pool.shutdown(wait=False)
