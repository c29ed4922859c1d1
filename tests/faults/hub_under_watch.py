"""Starts a `watched_hub` and asks it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 60.0


class HubUnderWatch:
    """A hub process whose memory can be looked at."""

    def __init__(self, url: str, process: asyncio.subprocess.Process) -> None:
        self.url = url
        self._process = process

    async def look(self) -> dict[str, Any]:
        """Return what the process holds."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        found: dict[str, Any] = json.loads(await _line(self._process))
        return found

    async def look_when_empty(self) -> dict[str, Any]:
        """Return what the process holds once nobody is there any more."""
        deadline = time.monotonic() + SECONDS
        while True:
            found = await self.look()
            left = {name: count for name, count in found["kept"].items() if count}
            if not left:
                return found
            assert time.monotonic() < deadline, f"the hub still has {left}"
            await asyncio.sleep(0.1)


@asynccontextmanager
async def watched_hub(
    data_dir: Path, log: Path, *, only_malloc: bool = False, **settings: Any
) -> AsyncIterator[HubUnderWatch]:
    """Run a hub; with `only_malloc` all its memory comes from malloc, which can tell how much of it is in use."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TEACHING_NB_")}
    if only_malloc:
        environment["PYTHONMALLOC"] = "malloc"
    asked = {"data_dir": str(data_dir), "port": 0, **settings}
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.watched_hub", json.dumps(asked)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
            cwd=ROOT,
            env=environment,
        )
    try:
        yield HubUnderWatch((await _line(process)).removeprefix("listening on "), process)
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(SECONDS):
            assert await process.wait() == 0, log.read_text(errors="replace")[-6000:]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(SECONDS):
        line = await process.stdout.readline()
    assert line, "the hub has ended"
    return line.decode().strip()
