"""The views of one live text: told about changes at once, and at most twenty times a second."""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import groupby

from pycrdt import merge_updates

from teaching_nb.client.models.live_text import View
from teaching_nb.client.sync.throttle import Throttle

SPACING_SECONDS = 0.05

_logger = logging.getLogger(__name__)


class LiveViews:
    """Views and what they have not been told yet. Lives on the loop thread."""

    def __init__(self) -> None:
        self._queues: dict[View, _Queue] = {}

    def attach(self, view: View) -> None:
        """Begin to tell a view about changes."""
        self._queues.setdefault(view, _Queue(view))

    def detach(self, view: View) -> None:
        """Tell a view nothing more."""
        queue = self._queues.pop(view, None)
        if queue is not None:
            queue.clear()

    def tell(self, update: bytes, origin: object) -> None:
        """Tell every view but the origin about a change."""
        for view, queue in tuple(self._queues.items()):
            if view is not origin:
                queue.add(update, origin)

    def reset(self) -> None:
        """Tell every view that the document was replaced."""
        for view, queue in tuple(self._queues.items()):
            queue.clear()
            _guarded(view.on_reset)

    def awareness(self, state: bytes) -> None:
        """Tell every view where others are."""
        for view in tuple(self._queues):
            _guarded(view.on_awareness, state)

    def ask_awareness(self) -> None:
        """Ask every view where it is."""
        for view in tuple(self._queues):
            _guarded(view.on_awareness_query)


class _Queue:
    """Changes on their way to one view; those of one origin are told together."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._waiting: list[tuple[bytes, object]] = []
        self._throttle = Throttle(self._flush, SPACING_SECONDS)

    def add(self, update: bytes, origin: object) -> None:
        self._waiting.append((update, origin))
        self._throttle.call()

    def clear(self) -> None:
        self._waiting.clear()
        self._throttle.cancel()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for origin, group in groupby(waiting, key=lambda item: item[1]):
            _guarded(self._view.on_update, merge_updates(*(update for update, _ in group)), origin)


def _guarded(method: Callable[..., None], *arguments: object) -> None:
    try:
        method(*arguments)
    except Exception:
        # The edge of a view: its mistake must not end the connection.
        _logger.exception("a view failed")
