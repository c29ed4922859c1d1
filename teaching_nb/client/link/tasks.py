"""Coroutines that run beside the rest, kept alive until they end. Lives on the loop thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from teaching_nb.errors import TeachingNbError

_logger = logging.getLogger(__name__)


class Tasks:
    """Tasks of one owner: asyncio itself keeps none alive."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a coroutine and return its task."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def try_once(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Start a message to the hub of which nobody waits for the answer; that it fails is written into the log."""
        self.start(_logged(coroutine))


async def _logged(coroutine: Coroutine[Any, Any, object]) -> None:
    try:
        await coroutine
    except TeachingNbError as error:
        _logger.info("a message to the hub failed: %s", error)
