"""The edits of one live text that the hub has not acknowledged. Pure: sends nothing."""

from __future__ import annotations

from pycrdt import merge_updates

from teaching_nb.errors import TooLarge
from teaching_nb.schema import limits
from teaching_nb.schema.update_reader import has_too_many_parts

MOST_WAITING = 1_000
"""More edits than this are put together, so that an hour without a hub costs no more than the text itself."""


class Unsent:
    """Yjs updates on their way to the hub, oldest first."""

    def __init__(self) -> None:
        self.must_reword = False
        """What waits cannot be sent as it was written; the difference to what the hub has can."""
        self.must_go_in_steps = False
        """That difference has too many parts for one message."""
        self.has_others = False
        """Among what waits are edits of other people, which the hub has lost."""
        self._waiting: list[bytes] = []
        self._in_flight: list[bytes] = []
        self._is_reworded = False

    def __bool__(self) -> bool:
        return bool(self._waiting or self._in_flight)

    @property
    def updates(self) -> list[bytes]:
        """Return all that is known of what was edited, oldest first."""
        return [*self._in_flight, *self._waiting]

    @property
    def is_waiting(self) -> bool:
        """Tell whether there is something that is not on its way."""
        return bool(self._waiting)

    def add(self, update: bytes) -> None:
        """Take an edit."""
        if self.must_reword:
            # The difference will contain it; only that there is one has to be remembered.
            self._waiting = [update]
            return
        self._waiting.append(update)
        if len(self._waiting) > MOST_WAITING:
            self._put_together()

    def relay(self, update: bytes) -> None:
        """Take edits of whomever that the hub has lost."""
        self.add(update)
        self.has_others = True

    def take(self) -> bytes | None:
        """Return the oldest edits that fit into one message, as one update, and count them as being on their way.

        None when the oldest does not fit, and has to be said anew. Raises `TooLarge` when that has been tried.
        """
        batch = _oldest(self._waiting)
        size = sum(map(len, batch))
        if size > limits.LIVE_UPDATE_BYTES:
            if self._is_reworded:
                raise TooLarge(f"one change has {size} bytes, the limit is {limits.LIVE_UPDATE_BYTES}: undo it")
            self.must_reword = True
            return None
        self._in_flight, self._waiting = batch, self._waiting[len(batch) :]
        return merge_updates(*batch)

    def refuse(self, *, is_too_large: bool = False) -> None:
        """Mark what waits as to be said anew: the hub will not accept it as it is."""
        self.keep()
        self.must_reword = True
        self.must_go_in_steps = is_too_large and has_too_many_parts(self._waiting[:1])

    def keep(self) -> None:
        """Let what was on its way wait again: it did not arrive."""
        self._waiting = [*self._in_flight, *self._waiting]
        self._in_flight = []

    def stored(self) -> None:
        """Forget what was on its way: it is stored."""
        self._in_flight = []
        self._is_reworded = self.has_others = False

    def replace(self, updates: list[bytes]) -> None:
        """Send these instead of all else: they are the difference to what the hub has."""
        self._waiting, self._in_flight = list(updates), []
        self.must_reword, self.must_go_in_steps, self._is_reworded = False, False, True

    def _put_together(self) -> None:
        if _fits(self._waiting):
            self._waiting = [merge_updates(*self._waiting)]
        else:
            self.must_reword = True
            self._waiting = self._waiting[-1:]


def _oldest(updates: list[bytes]) -> list[bytes]:
    """Return the oldest updates that fit into one message, at least one."""
    if _fits(updates):
        return list(updates)
    few, many = 1, len(updates)
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if _fits(updates[:middle]) else (few, middle)
    return updates[:few]


def _fits(updates: list[bytes]) -> bool:
    return sum(map(len, updates)) <= limits.LIVE_UPDATE_BYTES and not has_too_many_parts(updates)
