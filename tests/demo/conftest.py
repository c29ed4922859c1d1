"""The demo as a process of its own, as a person starts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def a_demo(tmp_path: Path) -> AsyncIterator[Start]:
    """Return a function that starts `teaching-nb demo` with options; whatever is left of it is ended at the end."""
    started: list[Process] = []
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    env = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}

    async def start(*options: str) -> Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "teaching_nb", "demo", *options),
            env=env | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"},
            stdout=PIPE,
            stderr=STDOUT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        end_tree(process)
        await process.wait()


def end_tree(process: Process) -> None:
    """Kill what a failed test has left running."""
    if process.returncode is None:
        for child in (*children_of(process), psutil.Process(process.pid)):
            # It may just have ended by itself.
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()


def children_of(process: Process) -> list[psutil.Process]:
    """Return all living descendants of a process."""
    descendants: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return descendants


async def read_until(process: Process, text: str) -> str:
    """Return what a process printed up to the line that holds `text`."""
    assert process.stdout is not None
    printed = ""
    while text not in printed:
        line = (await process.stdout.readline()).decode()
        assert line, f"the demo ended before it printed {text!r}: {printed}"
        printed += line
    return printed
