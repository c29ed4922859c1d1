"""The processor time of a process, to the microsecond: other programs on the machine change little about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")


class Meter:
    """Reads what a process has used, all its threads together."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def cpu_seconds(self) -> float:
        """Return the processor time of the threads that live.

        The system tells whole processes in hundredths of a second only, which a short request does not fill.
        """
        try:
            tasks = list(Path(f"/proc/{self._pid}/task").iterdir())
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except (OSError, IndexError):
            times = psutil.Process(self._pid).cpu_times()
            return float(times.user + times.system)

    def used_by(self, do: Callable[[], T]) -> tuple[T, float]:
        """Return what a function returns, and the processor time of the process while it ran."""
        before = self.cpu_seconds()
        result = do()
        return result, self.cpu_seconds() - before
