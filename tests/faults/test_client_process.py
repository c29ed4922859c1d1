"""Kernels as processes: one is stopped for longer than the hub waits, others are killed in the middle of an edit.

The promise: what was acknowledged (`wait_saved` has returned, `save_state` was "saved") is stored. What was not may
be stored or not, but then as a whole edit, never as a part of one, and never twice.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest
from jupyter_client.manager import KernelManager

from teaching_nb.client import CodeModel
from tests import kernel_sockets
from tests.client.waiting import wait_for
from tests.faults.cable import Cable
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import MortalHub
from tests.faults.kernel_process import Kernel
from tests.faults.kernels import SECONDS, Kernels, opened
from tests.faults.school import School


@pytest.fixture
def a_hub(new_hub: NewHub) -> MortalHub:
    """Run a hub that gives up a silent socket after three seconds."""
    hub = new_hub(ping_interval=1, ping_timeout=2)
    hub.start()
    return hub


@pytest.fixture
def ben(a_hub: MortalHub, a_school: School) -> Iterator[CodeModel]:
    """Open the text as somebody else, in this process."""
    with Kernels() as kernels:
        yield opened(kernels.start(a_hub.url, a_school.cast.student2), a_school.text_id, CodeModel)


def stored(hub: MortalHub, school: School) -> list[str]:
    """Return the lines of the text as the hub has it."""
    url = f"{hub.url}/api/v1/documents/{school.text_id}"
    answer = httpx.get(url, headers=school.cast.teacher.headers, timeout=30)
    answer.raise_for_status()
    text: str = answer.json()["document"]["data"]["code"]
    return text.splitlines()


def sockets(hub: MortalHub) -> int:
    """Return how many connections the hub holds."""
    connections = psutil.Process(hub.pid).net_connections("tcp")
    return sum(connection.status == psutil.CONN_ESTABLISHED for connection in connections)


def wait_until(condition: Any) -> None:
    """Wait for something that no object tells of."""
    probe = socket.socketpair()
    probe[0].settimeout(0.05)
    for _ in range(int(SECONDS / 0.05)):
        if condition():
            break
        try:
            probe[0].recv(1)
        except TimeoutError:
            continue
    for end in probe:
        end.close()
    assert condition()


def test_stopped_kernel_comes_back_with_its_edits(a_hub: MortalHub, a_school: School, ben: CodeModel) -> None:
    """Who was stopped until the hub had given them up loses nothing, doubles nothing, and the last edits arrive."""
    with Cable(a_hub.url) as cable, Kernel(cable.url, a_school.cast.student1.token, a_school.text_id) as ann:
        ann.ask("append", "a1\n")
        ann.ask("wait saved")
        before = sockets(a_hub)
        # What is typed just before the lid is closed does not leave the machine any more.
        cable.hang()
        for word in ("a2", "a3"):
            ann.ask("append", f"{word}\n")
        ann.stop()
        wait_until(lambda: sockets(a_hub) < before)
        for word in ("b1", "b2"):
            ben.code += f"{word}\n"
        ben.wait_saved(SECONDS)
        assert Counter(stored(a_hub, a_school)) == Counter(["a1", "b1", "b2"])

        cable.cut()
        ann.go_on()
        ann.ask("append", "a4\n")
        ann.ask("wait saved")

        everything = Counter(["a1", "a2", "a3", "a4", "b1", "b2"])
        wait_for(ben, "code", lambda text: Counter(text.splitlines()) == everything, SECONDS)
        assert Counter(stored(a_hub, a_school)) == everything
        wait_until(lambda: ann.ask("text") == ben.code)


@pytest.mark.parametrize("count", [1, 4, 9])
def test_killed_kernel_has_stored_what_was_acknowledged(a_hub: MortalHub, a_school: School, count: int) -> None:
    """Whatever the moment in which a kernel dies, its acknowledged words are there, each once, and none is torn."""
    words = [f"word{number}" for number in range(2_000)]
    with Kernel(a_hub.url, a_school.cast.student1.token, a_school.text_id) as ann:
        ann.tell("append many", words)
        acknowledged = [ann.answer() for _ in range(count)]
        ann.kill()
        wait_until(lambda: sockets(a_hub) == 0)
        acknowledged += ann.answers()

    lines = stored(a_hub, a_school)

    assert lines == words[: len(lines)]
    assert acknowledged == words[: len(acknowledged)]
    assert len(lines) >= len(acknowledged)


OPEN = """
import teaching_nb as tnb
room = tnb.connect()
doc = room.open_document({document_id!r})
doc.wait_loaded(60)
"""
WRITE_FOR_EVER = """
number = 0
while True:
    doc.code += f"later{number}\\n"
    number += 1
"""


def test_restarted_jupyter_kernel_finds_what_it_had_saved(a_hub: MortalHub, a_school: School) -> None:
    """A real kernel that is restarted in the middle of a loop of edits has everything up to its last `wait_saved`."""
    variables = {"TEACHING_NB_URL": a_hub.url, "TEACHING_NB_TOKEN": a_school.cast.student1.token}
    manager = KernelManager(**kernel_sockets.options())
    manager.start_kernel(env={**os.environ, **variables})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        _run(client, OPEN.format(document_id=a_school.text_id))
        _run(client, 'doc.code += "saved\\n"; assert doc.wait_saved(60)')
        client.execute(WRITE_FOR_EVER)
        wait_until(lambda: len(stored(a_hub, a_school)) > 3)

        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=SECONDS)
        _run(client, OPEN.format(document_id=a_school.text_id))
        _run(client, 'lines = doc.code.split(); assert lines[0] == "saved", lines')
        _run(client, 'assert lines[1:] == [f"later{number}" for number in range(len(lines) - 1)], lines')
        _run(client, 'assert doc.save_state == "saved" and not doc.has_unsaved, doc.save_detail')
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _run(client: Any, code: str) -> None:
    """Run a cell; raises what it raised."""
    answer = client.execute_interactive(code, timeout=SECONDS, output_hook=lambda _message: None)
    assert answer["content"]["status"] == "ok", answer["content"]
