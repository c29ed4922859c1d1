"""A hub as a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class HubProcess:
    """`teaching-nb hub serve` on a port that the system chose, or on the one it had before."""

    def __init__(self, process: Process, line: str) -> None:
        self.process = process
        self.line = line
        """The first line that it printed."""
        self.url = line.removeprefix("listening on ")

    async def kill(self) -> None:
        """End it without any warning."""
        self.process.kill()
        await self.process.wait()

    async def end(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.terminate()
        return await self.returned()

    async def returned(self) -> int:
        """Return its exit code."""
        async with asyncio.timeout(60):
            return await self.process.wait()


@asynccontextmanager
async def hub_process(
    data_dir: Path, *options: str, port: str = "0", stdin: int = DEVNULL
) -> AsyncIterator[HubProcess]:
    """Start a hub process; it is gone at the end whatever happened."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "teaching_nb", "hub", "serve", "--port", port, "--data-dir", str(data_dir), *options,
        stdin=stdin, stdout=PIPE, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(90):
            line = (await process.stdout.readline()).decode().strip()
        assert line.startswith("listening on "), line
        yield HubProcess(process, line)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
