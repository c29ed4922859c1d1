"""Forks hubs: a process that has imported and rehearsed everything, and forks a real hub for each run.

Run as `python -m tests.faults.fork_server` by `hub_runs`. Starting Python and importing the hub takes a second of a
processor, a fork takes a hundredth: that is what lets a test kill a hub hundreds of times. Speaks in lines on
standard output: `ready`, `forked PID`, the hub's own `listening on URL`, and `ended PID CODE`.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from teaching_nb.hub import server
from teaching_nb.hub.config import Settings

SECONDS = 60
"""How long the rehearsal may take on a slow machine."""


def main() -> None:
    """Rehearse, then fork one hub after the other until standard input closes."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    _rehearse()
    faulthandler.cancel_dump_traceback_later()
    _wait_until_alone()
    gc.collect()
    gc.freeze()
    _say("ready")
    while line := sys.stdin.readline():
        settings = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _serve(settings)
        _say(f"forked {pid}")
        _, status = os.waitpid(pid, 0)
        _say(f"ended {pid} {os.waitstatus_to_exitcode(status)}")


def _rehearse() -> None:
    """Let a hub run for a moment, so that no later run has to import what is imported late."""
    import asyncpg  # noqa: F401 - opened by hubs on PostgreSQL

    async def run(folder: str) -> None:
        def end(_url: str) -> None:
            hub.should_exit = True

        hub = server.HubServer(Settings(data_dir=Path(folder), port=0), on_listening=end)
        await hub.run_until_stopped()

    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=server._loop_factory()) as runner,
    ):
        runner.run(run(folder))


def _wait_until_alone() -> None:
    """Return when no thread is left: a fork copies only the one that forks, and locks as they are."""
    assert threading.active_count() == 1, threading.enumerate()
    deadline = time.monotonic() + SECONDS
    while len(tasks := [*Path("/proc/self/task").iterdir()]) > 1:
        assert time.monotonic() < deadline, [(task / "comm").read_text() for task in tasks]
        os.sched_yield()


AS_MUCH_AS_WANTED = dict.fromkeys(("documents_per_hour", "roots_per_hour", "user_documents", "user_roots"), 0)
"""Quotas of the hubs: the people of these tests write as much in a minute as others in a school year."""


def _serve(settings: dict[str, Any]) -> None:
    """Be a hub, exactly as `teaching-nb hub serve` is; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        server.run(Settings(**{**AS_MUCH_AS_WANTED, **settings, "data_dir": Path(settings["data_dir"])}))
        code = 0
    except BaseException:
        logging.getLogger("fork_server").exception("the hub ended with an error")
    finally:
        logging.shutdown()
        os._exit(code)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
