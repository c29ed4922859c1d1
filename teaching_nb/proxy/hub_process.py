"""The embedded hub as a child process: starts it, writes its log into Jupyter's, ends it.

The child ends by itself when its standard input closes, so it never survives this process, however that ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from teaching_nb.errors import Unavailable

START_SECONDS = 60.0
"""How long a hub may take until it listens: its first start creates the database."""

STOP_SECONDS = 5.0
"""How long each step of ending it may take: closed input, SIGTERM, SIGKILL."""

SECRET_VARIABLE = "TEACHING_NB_HUB_SECRET"  # noqa: S105 - the name of a variable

_LINE_BYTES = 1_000_000
_LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d{1,5})\s*")
_LEVEL = re.compile(r"\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b")
_NOT_FOR_THE_HUB = re.compile(r"JUPYTER_TOKEN|.*_API_TOKEN|CONFIGPROXY_AUTH_TOKEN|TEACHING_NB_.*")


def hub_command(data_dir: Path) -> list[str]:
    """Return the command of the embedded hub. `-P` keeps Python files beside the notebooks out of it."""
    module = [sys.executable, "-P", "-m", "teaching_nb", "hub", "serve"]
    return [*module, "--host", "127.0.0.1", "--port", "0", "--data-dir", str(data_dir), "--until-stdin-closes"]


def hub_environment(base: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return the environment of the hub: ours without credentials of others, with the shared secret."""
    kept = {name: value for name, value in base.items() if not _NOT_FOR_THE_HUB.fullmatch(name)}
    return {**kept, SECRET_VARIABLE: secret}


def level_of(line: str, before: int) -> int:
    """Return the level of a line of the hub's log; a line without one continues the line before."""
    named = _LEVEL.search(line[:60])
    return logging.getLevelNamesMapping()[named[1]] if named else before


class HubProcess:
    """A running hub."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, reading: Sequence[asyncio.Task[None]]) -> None:
        self._process = process
        self._reading = reading
        self.url = url

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    @classmethod
    async def start(
        cls, command: Sequence[str], *, secret: str, cwd: Path, lock: int | None, log: logging.Logger
    ) -> HubProcess:
        """Start a hub and wait until it listens; raises `Unavailable` when it does not."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=hub_environment(os.environ, secret),
            cwd=cwd,
            limit=_LINE_BYTES,
            # Ctrl-C in the terminal is meant for Jupyter, which asks back before it ends.
            start_new_session=True,
            pass_fds=() if lock is None else (lock,),
        )
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(_log_lines(process.stderr, log))
        try:
            url = await asyncio.wait_for(_announced(process.stdout), START_SECONDS)
        except BaseException as error:
            await cls(process, "", [errors]).stop()
            if isinstance(error, TimeoutError):
                raise Unavailable(f"the hub did not listen within {START_SECONDS:.0f} s") from error
            raise
        return cls(process, url, [errors, asyncio.create_task(_log_lines(process.stdout, log))])

    async def wait(self) -> int:
        """Wait until the hub has ended; return its exit code."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End the hub: ask by closing its input, then by SIGTERM, then end it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        for insist in (self._process.terminate, self._process.kill):
            if await self._ended():
                break
            insist()
        await self._process.wait()
        await asyncio.gather(*self._reading)

    async def _ended(self) -> bool:
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            return False
        return True


async def _announced(stream: asyncio.StreamReader) -> str:
    line = (await stream.readline()).decode(errors="replace")
    listening = _LISTENING.fullmatch(line)
    if listening is None:
        raise Unavailable(f"the hub did not start; it said {line.strip()!r}")
    return listening[1]


async def _log_lines(stream: asyncio.StreamReader, log: logging.Logger) -> None:
    level = logging.INFO
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # Longer than _LINE_BYTES: the reader has thrown it away.
            continue
        if not line:
            return
        text = line.decode(errors="replace").rstrip()
        level = level_of(text, level)
        log.log(level, "hub: %s", text)
