"""Several hub processes on one address: begins them, begins another one when one dies, and ends or replaces them.

SIGTERM and SIGINT end all. SIGHUP replaces them one after the other, each only when its successor serves: their people
come back to the others. The workers are forked, and share one listening socket. Called by the command line alone.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from teaching_nb.errors import ConfigurationError

logger = logging.getLogger(__name__)

START_SECONDS = 60.0
"""How long a worker may take until it serves."""

REST_SECONDS = 1.0
"""Time before another worker takes the place of one that has died."""

_READY = b"1"

Work = Callable[[socket.socket, Callable[[], None], int], int]
"""Serves on a socket until SIGTERM, or until a descriptor reaches its end; calls back when it serves. Returns the exit
code."""


@dataclass
class _Worker:
    """One process."""

    pid: int
    ready: int
    """Reads one byte when the worker serves, and the end when it has ended before."""


class Workers:
    """The processes that serve one address."""

    def __init__(self, bound: socket.socket, count: int, work: Work, *, until_stdin_closes: bool) -> None:
        self._bound = bound
        self._count = count
        self._work = work
        self._until_stdin_closes = until_stdin_closes
        self._running: list[int] = []
        self._wakeup, self._wakeup_end = os.pipe()
        # Reaches its end in every worker when this process is gone, however that was.
        self._lifeline, self._lifeline_end = os.pipe()

    def run(self, on_listening: Callable[[], None]) -> int:
        """Serve until a signal ends it; return the exit code."""
        os.set_blocking(self._wakeup_end, False)
        signal.set_wakeup_fd(self._wakeup_end, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, _only_wake)
        try:
            # One after the other: the first one makes the tables.
            for _ in range(self._count):
                if not self._begin():
                    return 1
            on_listening()
            self._watch()
            return 0
        finally:
            self._end(self._running)

    def _watch(self) -> None:
        while True:
            numbers = self._woken(None)
            if {signal.SIGTERM, signal.SIGINT} & numbers:
                return
            if signal.SIGHUP in numbers:
                self._replace_all()
            self._reap()
            if len(self._running) < self._count:
                logger.error("a worker has ended; another one takes its place")
                if {signal.SIGTERM, signal.SIGINT} & self._woken(REST_SECONDS):
                    return
                self._begin()

    def _woken(self, seconds: float | None) -> set[int]:
        """Wait until something has happened; return the signals. The end of standard input counts as SIGTERM."""
        readers = [self._wakeup, *([0] if self._until_stdin_closes else [])]
        found, _, _ = select.select(readers, [], [], seconds)
        numbers: set[int] = set()
        if self._wakeup in found:
            numbers |= set(os.read(self._wakeup, 4096))
        if 0 in found and not os.read(0, 4096):
            numbers.add(signal.SIGTERM)
        return numbers

    def _begin(self) -> bool:
        """Begin a worker; return when it serves, with whether it does."""
        worker = self._fork()
        self._running.append(worker.pid)
        try:
            found, _, _ = select.select([worker.ready], [], [], START_SECONDS)
            is_ready = bool(found) and os.read(worker.ready, 1) == _READY
        finally:
            os.close(worker.ready)
        if not is_ready:
            self._end([worker.pid])
        return is_ready

    def _replace_all(self) -> None:
        for pid in list(self._running):
            if not self._begin():
                logger.error("a new worker did not start; the others go on as they are")
                return
            self._end([pid])

    def _reap(self) -> None:
        for pid in list(self._running):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self._running.remove(pid)

    def _end(self, pids: list[int]) -> None:
        """End workers, and wait until they have ended: they finish what they are asked for."""
        ending = list(pids)
        for pid in ending:
            os.kill(pid, signal.SIGTERM)
        for pid in ending:
            os.waitpid(pid, 0)
            self._running.remove(pid)

    def _fork(self) -> _Worker:
        reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            os.close(writer)
            return _Worker(pid, reader)
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            # A terminal that is closed, and `kill -HUP` of the whole group, are for the process that looks after them.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            for descriptor in (reader, self._lifeline_end, self._wakeup, self._wakeup_end):
                os.close(descriptor)
            code = self._work(self._bound, lambda: _tell(writer), self._lifeline)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def check(count: int, database: str | None) -> None:
    """Raise `ConfigurationError` where several workers cannot be."""
    if count > 1 and not (database or "").startswith("postgresql"):
        raise ConfigurationError(
            f"{count} workers need PostgreSQL (--database postgresql://…), for SQLite is for one process"
        )
    if count > 1 and not hasattr(os, "fork"):
        raise ConfigurationError(f"{count} workers need Linux or macOS: start several hubs with --port instead")


def _tell(writer: int) -> None:
    os.write(writer, _READY)
    os.close(writer)


def _only_wake(_number: int, _frame: object) -> None:
    """Do nothing: the signal is read from the wake-up descriptor."""
