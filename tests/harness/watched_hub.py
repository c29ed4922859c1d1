"""A hub that can be asked what it holds: `python -m tests.harness.watched_hub SETTINGS`, with the settings as JSON.

It prints the line that every hub prints, `listening on URL`. Each line on standard input is answered by a line of JSON;
the end of standard input ends it.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import sys
import threading
from pathlib import Path
from typing import Any

import psutil

from teaching_nb.hub import server
from teaching_nb.hub.app import Hub
from teaching_nb.hub.config import Settings
from tests.harness.books import kept, waiting

LOOK_SECONDS = 0.05
"""Time between two looks at what changes all the time; the extremes are told."""

_process = psutil.Process()


class WatchedHub:
    """The web server of one hub, and what is known of its memory."""

    def __init__(self, settings: Settings) -> None:
        self._server = server.HubServer(settings, on_listening=server._announce)
        self._longest: dict[str, int] = {}
        self._sizes: list[int] = []
        self._allocated: list[int] = []

    async def serve(self) -> None:
        """Serve and answer until standard input ends."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        watching = asyncio.create_task(self._watch())
        await self._server.run_until_stopped()
        watching.cancel()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        for _ in sys.stdin:
            loop.call_soon_threadsafe(self._answer)
        loop.call_soon_threadsafe(setattr, self._server, "should_exit", True)

    def _answer(self) -> None:
        sys.stdout.write(f"{json.dumps(self.look())}\n")
        sys.stdout.flush()

    def look(self) -> dict[str, Any]:
        """Return what the process holds now, and how large it and its queues have been since the last look.

        It has peaks: a password that is checked takes 64 MB for a moment.
        """
        hub = self._server.app.hub
        assert hub is not None
        gc.collect()
        self._note(hub)
        longest, self._longest = self._longest, {}
        sizes, self._sizes = self._sizes, []
        amounts, self._allocated = self._allocated, []
        return {
            "resident": {"least": min(sizes), "most": max(sizes)},
            "allocated": {"now": amounts[-1], "least": min(amounts), "most": max(amounts)},
            "blocks": sys.getallocatedblocks(),
            "kept": kept(hub),
            "longest": longest,
        }

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._server.app.hub is not None:
                self._note(self._server.app.hub)

    def _note(self, hub: Hub) -> None:
        self._sizes.append(_process.memory_info().rss)
        self._allocated.append(allocated())
        for name, length in waiting(hub).items():
            self._longest[name] = max(length, self._longest.get(name, 0))


class _Mallinfo(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


_mallinfo = ctypes.CDLL(None).mallinfo2
_mallinfo.restype = _Mallinfo


def allocated() -> int:
    """Return the bytes that have been taken from malloc and not given back.

    With PYTHONMALLOC=malloc that is everything; otherwise Python has its smaller objects elsewhere (`blocks`). Unlike
    the size of the process it does not depend on what the allocator keeps for later, nor on how fast people come.
    """
    found = _mallinfo()
    return int(found.uordblks + found.hblkhd)


def main() -> None:
    """Be a hub as `teaching-nb hub serve` is."""
    settings = json.loads(sys.argv[1])
    hub = WatchedHub(Settings(**{**settings, "data_dir": Path(settings["data_dir"])}))
    with asyncio.Runner(loop_factory=server._loop_factory()) as runner:
        runner.run(hub.serve())


if __name__ == "__main__":
    main()
