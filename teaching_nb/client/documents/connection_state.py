"""Whether a classroom is connected, in a word and in a sentence. Set on the loop thread, waited for on any other."""

from __future__ import annotations

import threading

from teaching_nb.client.models import saving


class ConnectionState:
    """What the latest attempt to reach the hub came to."""

    def __init__(self) -> None:
        self._is_live = False
        self._status = saving.CONNECTING
        self._changed = threading.Condition()

    @property
    def is_live(self) -> bool:
        """Tell whether the hub is connected and knows us."""
        return self._is_live

    @property
    def status(self) -> str:
        """Return a sentence about the connection."""
        return self._status

    def live(self, status: str) -> None:
        """Note that the hub is connected and knows us."""
        self._set(True, status)

    def lost(self, status: str) -> None:
        """Note that the hub is not connected; `status` says why."""
        self._set(False, status)

    def wait_live(self, timeout: float) -> bool:
        """Wait `timeout` seconds at most until the hub is connected; tell whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_live, timeout)

    def wait_attempted(self, timeout: float) -> bool:
        """Wait `timeout` seconds at most until the first attempt has ended, well or not; tell whether it has."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_live or self._status != saving.CONNECTING, timeout)

    def _set(self, is_live: bool, status: str) -> None:  # noqa: FBT001 - both values are the point
        with self._changed:
            self._is_live = is_live
            self._status = status
            self._changed.notify_all()
