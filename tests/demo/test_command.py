"""`teaching-nb demo` from start to end, as a person runs it."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.demo.conftest import Start, children_of, read_until

TIMEOUT = 90
pytestmark = pytest.mark.timeout(3 * TIMEOUT)
READY = "Ctrl-C ends everything"


async def test_check_sees_what_it_should(a_demo: Start, tmp_path: Path) -> None:
    """Three people with real kernels work together; every fact holds, and nothing is left behind."""
    demo = await a_demo("--check")

    printed, _ = await asyncio.wait_for(demo.communicate(), TIMEOUT)

    text = printed.decode()
    assert demo.returncode == 0, text
    assert "✗" not in text
    assert "Bob sees what Alice wrote" in text
    assert "Alice and Bob edited one line at once; all 3 have both edits" in text
    assert "Thea sees who is online: Thea, Alice, Bob" in text
    assert "Alice is refused the teacher's notes" in text
    assert list((tmp_path / "tmp").glob("teaching-nb-demo-*")) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signal_ends_everything(a_demo: Start, tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM leave no process and no file, and are no failure."""
    demo = await a_demo("--students", "1", "--no-browser")
    await asyncio.wait_for(read_until(demo, READY), TIMEOUT)
    children = children_of(demo)
    assert len(children) >= 3

    demo.send_signal(number)

    assert await asyncio.wait_for(demo.wait(), TIMEOUT) == 0
    psutil.wait_procs(children, timeout=30)
    assert [child for child in children if child.is_running()] == []
    assert list((tmp_path / "tmp").glob("teaching-nb-demo-*")) == []


async def test_links_open_the_notebooks(a_demo: Start) -> None:
    """Every printed link is in one piece and answers with JupyterLab, with no further login."""
    demo = await a_demo("--students", "1", "--no-browser")

    printed = await asyncio.wait_for(read_until(demo, READY), TIMEOUT)

    links = re.findall(r"http://127\.0\.0\.1:\d+/lab/tree/\S+\.ipynb\?token=\S+", printed)
    assert len(links) == 4, printed
    for link in links:
        page = await asyncio.to_thread(_read, link)
        assert "jupyter-config-data" in page


async def test_data_is_used_again(a_demo: Start, tmp_path: Path) -> None:
    """A second start in the same folder works on, with the people and notebooks of the first."""
    folder = tmp_path / "kept"
    for _ in range(2):
        demo = await a_demo("--students", "1", "--check", "--data", str(folder))
        printed, _ = await asyncio.wait_for(demo.communicate(), TIMEOUT)
        assert demo.returncode == 0, printed.decode()

    assert (folder / "people" / "alice" / "01_first_document.ipynb").is_file()
    assert (folder / "hub" / "hub.db").is_file()


async def test_taken_port_is_named(a_demo: Start) -> None:
    """A port that somebody else uses ends the demo with a reason that names it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        demo = await a_demo("--students", "1", "--no-browser", "--port", str(port))
        printed, _ = await asyncio.wait_for(demo.communicate(), TIMEOUT)

    assert demo.returncode == 1
    assert f"port {port} is taken" in printed.decode()


@pytest.mark.parametrize("students", ["0", "31", "many"])
async def test_impossible_number_of_students_is_refused(a_demo: Start, students: str) -> None:
    """A class has 1 to 30 students; anything else is refused before something starts."""
    demo = await a_demo("--students", students)

    printed, _ = await asyncio.wait_for(demo.communicate(), TIMEOUT)

    assert demo.returncode == 2
    assert "--students" in printed.decode()


def _read(link: str) -> str:
    with urllib.request.urlopen(link, timeout=20) as response:  # noqa: S310 - an address of this machine
        return str(response.read().decode())
