"""The loop thread: one asyncio loop in one daemon thread, which lives on while a cell runs.

It owns the connection and every Y.Doc. Whoever else wants something of them posts to it; posts are done in
their order. After a fork the copy has no loop thread: posts there are refused, nothing waits for ever.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import threading
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from teaching_nb.errors import NotConnected, TimedOut

T = TypeVar("T")

ANSWER_SECONDS = 20.0
"""So long somebody waits for one answer of the hub."""
NOT_USABLE = "this classroom is closed: call connect() again"

_logger = logging.getLogger(__name__)
_threads: weakref.WeakSet[LoopThread] = weakref.WeakSet()


class LoopThread:
    """An asyncio loop in a thread of its own."""

    def __init__(self, name: str = "teaching-nb") -> None:
        self._loop = asyncio.new_event_loop()
        # asyncio's own handler would end in a cell: Python prints what nobody logs.
        self._loop.set_exception_handler(_write_down)
        self._is_dead = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        _threads.add(self)

    @property
    def is_alive(self) -> bool:
        """Tell whether posts will be done."""
        return not self._is_dead and self._thread.is_alive()

    @property
    def is_current(self) -> bool:
        """Tell whether the caller runs on the loop thread."""
        return threading.current_thread() is self._thread

    def post(self, function: Callable[..., object], *arguments: Any) -> bool:
        """Have a function called on the loop thread; False when the thread has ended."""
        if self._is_dead:
            return False
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            return False
        return True

    def start(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T] | None:
        """Start a coroutine on the loop thread; None when the thread has ended."""
        if self._is_dead or self._loop.is_closed():
            coroutine.close()
            return None
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def refuse_to_wait_here(self) -> None:
        """Raise `RuntimeError` on the loop thread, where waiting would stop what is waited for."""
        if self.is_current:
            raise RuntimeError(
                "a callback of teaching_nb may not wait for the hub: do it in a cell or a thread of yours"
            )

    def ask(self, question: Coroutine[Any, Any, T]) -> T:
        """Have a question to the hub answered there, and wait for it; any other thread.

        Raises what the hub refuses with, `NotConnected` when the thread has ended, `TimedOut` without an answer.
        """
        try:
            self.refuse_to_wait_here()
        except RuntimeError:
            question.close()
            raise
        future = self.start(question)
        if future is None:
            raise NotConnected(NOT_USABLE)
        try:
            return future.result(ANSWER_SECONDS)
        except concurrent.futures.TimeoutError as error:
            future.cancel()
            raise TimedOut(f"the hub did not answer within {ANSWER_SECONDS:g} s") from error

    def stop(self, timeout: float = 2.0) -> None:
        """End the loop and its thread; idempotent."""
        if self._is_dead:
            return
        self._is_dead = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        if not self.is_current:
            self._thread.join(timeout)

    def abandon(self) -> None:
        """Mark the thread as gone without touching it, in the copy that a fork has made."""
        self._is_dead = True

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._cancel_tasks()
            self._loop.close()

    def _cancel_tasks(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())


def _write_down(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    _logger.error("the loop thread met an error: %s", context.get("message"), exc_info=error)


def _after_fork() -> None:
    for thread in list(_threads):
        thread.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
