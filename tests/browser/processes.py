"""Child processes of the browser tests: start one, read what it says, end it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tests.browser.waiting import wait_until

T = TypeVar("T")
END_SECONDS = 30.0


class Process:
    """A child process whose output goes into a log file."""

    def __init__(self, arguments: Sequence[str], *, log: Path, env: Mapping[str, str]) -> None:
        self.log = log
        with log.open("ab") as output:
            self._start_of_output = output.tell()
            self._child = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(env),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether the process has not ended."""
        return self._child.poll() is None

    def output(self) -> str:
        """Return what this process printed so far."""
        with self.log.open("rb") as file:
            file.seek(self._start_of_output)
            return file.read().decode(errors="replace")

    def wait_for(self, probe: Callable[[], T | None], what: str, *, timeout: float) -> T:
        """Return the first result of `probe`; fail with the output when the process ends or takes too long."""

        def look() -> T | None:
            if self._child.poll() is not None:
                raise AssertionError(f"{what}: process ended with {self._child.returncode}\n{self.output()[-4000:]}")
            return probe()

        try:
            return wait_until(look, what, timeout=timeout)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.output()[-4000:]}") from error

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the process do nothing meanwhile, as an overloaded machine would."""
        os.kill(self._child.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._child.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        self._child.kill()
        self._child.wait()

    def stop(self) -> int:
        """Ask the process to end and return its exit code."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
        try:
            return self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            return self._child.wait()
