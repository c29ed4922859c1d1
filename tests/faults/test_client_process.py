"""Kernels as processes: one is stopped for longer than the hub waits, others are killed in the middle of an edit.

The promise: what was acknowledged (`wait_saved` has returned, `save_state` was "saved") is stored. What was not may
be stored or not, but then as a whole edit, never as a part of one, and never twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from teaching_nb.client import CodeModel
from tests.faults.client_process import ClientProcess
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import MortalHub
from tests.faults.school import School
from tests.harness.cable import Cable
from tests.harness.classrooms import SECONDS, Classrooms, opened
from tests.harness.hub_process import connections_of
from tests.harness.kernels import Kernel
from tests.harness.processes import environment
from tests.harness.waiting import wait_for, wait_until


@pytest.fixture
def a_hub(new_hub: NewHub) -> MortalHub:
    """Run a hub that gives up a silent socket after three seconds."""
    hub = new_hub(ping_interval=1, ping_timeout=2)
    hub.start()
    return hub


@pytest.fixture
def bob(a_hub: MortalHub, a_school: School) -> Iterator[CodeModel]:
    """Open the text as somebody else, in this process."""
    with Classrooms() as kernels:
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
    return len(connections_of(hub.pid))


def test_stopped_kernel_comes_back_with_its_edits(
    a_hub: MortalHub, a_school: School, bob: CodeModel, tmp_path: Path
) -> None:
    """Who was stopped until the hub had given them up loses nothing, doubles nothing, and the last edits arrive."""
    token = a_school.cast.student1.token
    with Cable(a_hub.url) as cable, ClientProcess(cable.url, token, a_school.text_id, tmp_path / "log") as alice:
        alice.ask("append", "a1\n")
        alice.ask("wait saved")
        before = sockets(a_hub)
        # What is typed just before the lid is closed does not leave the machine any more.
        cable.hang()
        for word in ("a2", "a3"):
            alice.ask("append", f"{word}\n")
        alice.stop()
        wait_until(lambda: sockets(a_hub) < before, "the hub has given the kernel up", SECONDS)
        for word in ("b1", "b2"):
            bob.code += f"{word}\n"
        bob.wait_saved(SECONDS)
        assert Counter(stored(a_hub, a_school)) == Counter(["a1", "b1", "b2"])

        cable.cut()
        alice.go_on()
        alice.ask("append", "a4\n")
        alice.ask("wait saved")

        everything = Counter(["a1", "a2", "a3", "a4", "b1", "b2"])
        wait_for(bob, "code", lambda text: Counter(text.splitlines()) == everything, SECONDS)
        assert Counter(stored(a_hub, a_school)) == everything
        wait_until(lambda: alice.ask("text") == bob.code, "both have one text", SECONDS)


@pytest.mark.parametrize("count", [1, 4, 9])
def test_killed_kernel_has_stored_what_was_acknowledged(
    a_hub: MortalHub, a_school: School, tmp_path: Path, count: int
) -> None:
    """Whatever the moment in which a kernel dies, its acknowledged words are there, each once, and none is torn."""
    words = [f"word{number}" for number in range(2_000)]
    token = a_school.cast.student1.token
    with ClientProcess(a_hub.url, token, a_school.text_id, tmp_path / "log") as alice:
        alice.tell("append many", words)
        acknowledged = [alice.answer() for _ in range(count)]
        alice.kill()
        wait_until(lambda: sockets(a_hub) == 0, "the hub is alone", SECONDS)
        acknowledged += alice.answers()

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
    kernel = Kernel(env=environment(**variables))
    try:
        kernel.run(OPEN.format(document_id=a_school.text_id))
        kernel.run('doc.code += "saved\\n"; assert doc.wait_saved(60)')
        kernel.start(WRITE_FOR_EVER)
        wait_until(lambda: len(stored(a_hub, a_school)) > 3, "some edits are stored", SECONDS)

        kernel.restart()
        kernel.run(OPEN.format(document_id=a_school.text_id))
        kernel.run('lines = doc.code.split(); assert lines[0] == "saved", lines')
        kernel.run('assert lines[1:] == [f"later{number}" for number in range(len(lines) - 1)], lines')
        kernel.run('assert doc.save_state == "saved" and not doc.has_unsaved, doc.save_detail')
    finally:
        kernel.stop()
