"""Starts a `watched_hub` and asks it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.harness.processes import LineProcess, environment, run_module

SECONDS = 60.0


class HubUnderWatch:
    """A hub process whose memory can be looked at."""

    def __init__(self, url: str, process: LineProcess) -> None:
        self.url = url
        self._process = process

    async def look(self) -> dict[str, Any]:
        """Return what the process holds."""
        self._process.tell("")
        found: dict[str, Any] = json.loads(await asyncio.to_thread(self._process.hear, timeout=SECONDS))
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
    env = environment(PYTHONMALLOC="malloc") if only_malloc else environment()
    asked = json.dumps({"data_dir": str(data_dir), "port": 0, **settings})
    process = LineProcess(run_module("tests.harness.watched_hub", asked), log=log, env=env)
    try:
        url = (await asyncio.to_thread(process.hear)).removeprefix("listening on ")
        yield HubUnderWatch(url, process)
        assert await asyncio.to_thread(process.close) == 0, process.output()[-6000:]
    finally:
        process.kill()
