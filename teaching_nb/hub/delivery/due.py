"""When outboxes are written: with all that is due in the same moment.

Where several processes announce to a crowd at the same time, a moment lasts until all of them have.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from teaching_nb.hub.delivery.gathering import Gathering
from teaching_nb.hub.delivery.outbox import Outbox

logger = logging.getLogger(__name__)


class Due:
    """Outboxes of which something is to be written soon."""

    def __init__(self, gathering: Gathering | None) -> None:
        self._gathering = gathering
        """None where no other process can announce anything."""
        self._soon: list[Outbox] = []
        self._crowd: list[Outbox] = []
        """What may wait for others."""
        self._is_looked_at = False
        self._end_of_patience: asyncio.TimerHandle | None = None

    @property
    def has_crowd(self) -> bool:
        """Tell whether something waits for others, which whatever comes for the same socket must not overtake."""
        return bool(self._crowd)

    def add(self, outboxes: Iterable[Outbox]) -> None:
        """Have outboxes written when the events of this moment are all there."""
        if not self._soon:
            asyncio.get_running_loop().call_soon(self._write_soon)
        self._soon += outboxes

    def add_crowd(self, outboxes: Iterable[Outbox]) -> None:
        """Have outboxes written when those processes have announced theirs that are about to."""
        self._crowd += outboxes
        self._look_soon()

    def came(self, process: str) -> None:
        """Note that everything is there that a process has announced together."""
        if self._gathering is not None:
            self._gathering.came(process)
            self._look_soon()

    def write_all(self) -> None:
        """Write everything at once."""
        self._write_soon()
        self._write_crowd()

    def _write_soon(self) -> None:
        due, self._soon = self._soon, []
        _write(due)

    def _look_soon(self) -> None:
        if self._crowd and not self._is_looked_at:
            self._is_looked_at = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._is_looked_at = False
        if self._gathering is None or self._gathering.is_complete():
            self._write_crowd()
        elif self._end_of_patience is None:
            patience = self._gathering.patience(len(self._crowd))
            self._end_of_patience = asyncio.get_running_loop().call_later(patience, self._write_crowd)

    def _write_crowd(self) -> None:
        if self._end_of_patience is not None:
            self._end_of_patience.cancel()
            self._end_of_patience = None
        if self._gathering is not None:
            self._gathering.begin_anew()
        due, self._crowd = self._crowd, []
        _write(due)


def _write(due: Iterable[Outbox]) -> None:
    for outbox in due:
        try:
            outbox.write_due()
        except Exception:
            logger.exception("giving up a socket that cannot be written to")
            outbox.give_up()
