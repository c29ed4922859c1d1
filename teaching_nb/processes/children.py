"""Child processes: each in a process group of its own, with its log, ended by its id."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path

from teaching_nb.errors import ConfigurationError

STOP_SECONDS = 10.0
"""How long a process may take to end by itself."""

_LOG_TAIL = 600
_OURS_FROM_OUTSIDE = ("JUPYTER", "JPY_", "IPYTHON", "TEACHING_NB_")


class Processes:
    """Everything that was started; closing ends all of it."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[Process] = []

    @property
    def ids(self) -> list[int]:
        """Return the ids of the processes that were started and still run."""
        return [process.pid for process in self._running if process.returncode is None]

    async def start(
        self, name: str, command: list[str], *, env: Mapping[str, str], reads_stdout: bool = False
    ) -> Process:
        """Start a process that writes to its log; with `reads_stdout` the caller must read what it prints.

        Its stdin closes with us, for those who take that as the sign to end. A group of its own keeps the
        terminal's Ctrl-C away from it: we end the processes, in order.
        """
        with self.log_of(name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=dict(env),
                stdin=PIPE,
                stdout=PIPE if reads_stdout else log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def log_of(self, name: str) -> Path:
        """Return where a process writes its log."""
        return self._logs / f"{name}.log"

    def ended(self, name: str, process: Process) -> ConfigurationError:
        """Return the error for a process that ended too early, with the end of its log."""
        return ConfigurationError(
            f"{name} ended with code {process.returncode}; the end of {self.log_of(name)}:\n{self._tail(name)}"
        )

    async def close(self) -> None:
        """End everything, at once for all of them; return when nothing is left."""
        await asyncio.gather(*(_stop(process) for process in self._running))

    def _tail(self, name: str) -> str:
        return self.log_of(name).read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:].strip()


def clean_environment() -> dict[str, str]:
    """Return our environment without what would steer Jupyter or ourselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS_FROM_OUTSIDE)}


async def run(command: list[str], *, env: Mapping[str, str]) -> str:
    """Run a command to its end and return its stdout; raise `ConfigurationError` with its reason when it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(env), stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    try:
        stdout, stderr = await process.communicate()
    finally:
        await _stop(process)
    if process.returncode:
        reason = stderr.decode(errors="replace").strip()[-_LOG_TAIL:]
        raise ConfigurationError(f"{' '.join(command[1:])} failed with code {process.returncode}: {reason}")
    return stdout.decode()


async def _stop(process: Process) -> None:
    _signal_group(process, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        _signal_group(process, signal.SIGKILL)
        await process.wait()


def _signal_group(process: Process, number: signal.Signals) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
