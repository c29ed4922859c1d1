"""Child processes: they end with everything they started, and say why when they end too early."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from teaching_nb.errors import ConfigurationError
from teaching_nb.processes import children
from teaching_nb.processes.children import Processes, run

WITH_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
print(child.pid, flush=True)
child.wait()
"""

STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
signal.pause()
"""


async def test_close_ends_a_process_and_its_children(tmp_path: Path) -> None:
    """The whole process group is gone when `close` returns."""
    processes = Processes(tmp_path)
    process = await processes.start("parent", [sys.executable, "-c", WITH_CHILD], env=os.environ, reads_stdout=True)
    assert process.stdout is not None
    child = psutil.Process(int(await process.stdout.readline()))

    await processes.close()

    assert processes.ids == []
    assert process.returncode is not None
    psutil.wait_procs([child], timeout=30)
    assert not child.is_running()


async def test_close_kills_who_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ignores SIGTERM is killed after a while."""
    monkeypatch.setattr(children, "STOP_SECONDS", 0.2)
    processes = Processes(tmp_path)
    process = await processes.start("stubborn", [sys.executable, "-c", STUBBORN], env=os.environ, reads_stdout=True)
    assert process.stdout is not None
    await process.stdout.readline()

    await processes.close()

    assert process.returncode == -9


async def test_ended_shows_the_end_of_the_log(tmp_path: Path) -> None:
    """Whoever reads the error sees what the process said last."""
    processes = Processes(tmp_path)
    process = await processes.start("broken", [sys.executable, "-c", "raise SystemExit('no luck')"], env=os.environ)
    await process.wait()

    error = processes.ended("broken", process)

    assert "code 1" in str(error)
    assert "no luck" in str(error)
    await processes.close()


async def test_run_returns_what_was_printed() -> None:
    """A command that succeeds hands over its stdout."""
    assert await run([sys.executable, "-c", "print('yes')"], env=os.environ) == "yes\n"


async def test_run_raises_with_the_reason() -> None:
    """A command that fails raises with its last words and its code."""
    with pytest.raises(ConfigurationError, match=r"failed with code 3: (?s:.*)bad luck"):
        await run([sys.executable, "-c", "import sys; print('bad luck', file=sys.stderr); sys.exit(3)"], env=os.environ)
