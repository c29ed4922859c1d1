"""Which other processes serve the same hub, as far as they were heard of. Pure: sends nothing, reads no clock."""

from __future__ import annotations

FORGET_SECONDS = 10.0
"""A process that was not heard of for so long is gone; it knows itself by then that it is deaf."""


class Neighbours:
    """The other processes, and when each was heard of last."""

    def __init__(self) -> None:
        self._heard: dict[str, float] = {}
        self._knowing: set[str] = set()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._heard)

    @property
    def names(self) -> tuple[str, ...]:
        """Return who they are."""
        return tuple(self._heard)

    def heard(self, process: str, now: float) -> bool:
        """Note that a process was heard of; tell whether it is a new one."""
        is_new = process not in self._heard
        self._heard[process] = now
        return is_new

    def knows_us(self, process: str) -> None:
        """Note that a process rings for this one."""
        self._knowing.add(process)

    def ask_anew(self) -> None:
        """Note that nobody is known to ring for this one."""
        self._knowing.clear()

    def still_to_answer(self) -> set[str]:
        """Return who has not said yet that they ring for this one."""
        return self._heard.keys() - self._knowing

    def remove(self, process: str) -> None:
        """Note that a process has ended."""
        self._heard.pop(process, None)
        self._knowing.discard(process)

    def silent(self, now: float) -> list[str]:
        """Return who was not heard of for too long."""
        return [process for process, heard in self._heard.items() if now - heard > FORGET_SECONDS]
