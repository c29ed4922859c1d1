"""The hub dies, or was never there: the notebook works on, edits wait, nothing is lost or doubled."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from tests.browser.live_cell import OFFLINE, SAVED, LiveCell
from tests.browser.people import Person
from tests.browser.shared_cell import open_shared, show
from tests.harness.hub_process import HubProcess
from tests.harness.waiting import wait_until

BACK_MS = 60_000


def test_a_killed_hub_loses_and_doubles_nothing(
    alice: Person, bob: Person, a_mortal_hub: HubProcess, a_slug: str, tmp_path: Path
) -> None:
    """Both type while the hub is killed and comes back; every line is there once, in both editors and at the hub."""
    at_alice, at_bob = open_shared(a_slug, alice, bob, init="# start")
    lines = Lines(at_alice, at_bob)
    lines.type(5)
    at_alice.expect_state(SAVED)
    at_bob.expect_state(SAVED)
    acknowledged = list(lines.typed)
    lines.type(2)

    a_mortal_hub.kill()
    stored = stored_code(a_mortal_hub, tmp_path / "copy", a_slug, alice.hub_token)
    lines.type(3)
    at_alice.expect_state(OFFLINE)
    at_bob.expect_state(OFFLINE)
    lines.type(3)
    a_mortal_hub.start()
    lines.type(3)

    at_alice.expect_state(SAVED, timeout=BACK_MS)
    at_bob.expect_state(SAVED, timeout=BACK_MS)
    assert lines_once(stored, acknowledged), stored
    text = wait_until(lambda: at_alice.text == at_bob.text and at_alice.text, "both editors hold the same text")
    assert Counter(text.splitlines()) == Counter(["# start", *lines.typed])
    assert a_mortal_hub.code(a_slug, bob.hub_token) == text
    assert alice.notebook.value("doc.model.code") == text


def test_edits_take_the_comm_while_the_lane_is_gone(alice: Person, a_mortal_hub: HubProcess, a_slug: str) -> None:
    """When the hub ends, typing goes on into the kernel at once; when it is back, so is the lane, with every edit."""
    at_alice = show(alice, a_slug, "x = 1")
    at_alice.expect_road("lane")
    at_alice.append("2")
    at_alice.expect_state(SAVED)

    a_mortal_hub.kill()
    at_alice.append("3")
    at_alice.expect_state(OFFLINE)
    at_alice.expect_road("comm")
    wait_until(lambda: alice.notebook.value("doc.model.code") == "x = 123", "the kernel has what was typed")
    a_mortal_hub.start()

    at_alice.expect_state(SAVED, timeout=BACK_MS)
    at_alice.expect_road("lane", timeout=BACK_MS)
    at_alice.append("4")
    at_alice.expect_state(SAVED)
    at_alice.expect_text("x = 1234")
    wait_until(lambda: a_mortal_hub.code(a_slug, alice.hub_token) == "x = 1234", "every edit is stored once")
    wait_until(lambda: alice.notebook.value("doc.model.code") == "x = 1234", "the kernel has heard of it")


def test_a_notebook_without_hub_works_and_keeps_edits(
    alice: Person, bob: Person, a_mortal_hub: HubProcess, a_slug: str
) -> None:
    """With no hub cells run, the file is saved, the widget says offline, and edits are at the hub when it is back."""
    a_mortal_hub.kill()
    alice.notebook.restart_kernel()

    at_alice = show(alice, a_slug, "answer = 6")
    at_alice.expect_state(OFFLINE)
    at_alice.expect_text("answer = 6")
    at_alice.append(" * 7")
    cell = alice.notebook.run("print('still running')")
    at_alice.run_button.click()
    wait_until(lambda: alice.notebook.value("globals().get('answer')") == 42, "the live cell runs without a hub")
    alice.notebook.save()
    assert "print('still running')" in alice.lab.root.joinpath(alice.notebook.path).read_text()
    a_mortal_hub.start()

    assert cell.outputs[0]["text"] == "still running\n"
    at_alice.expect_state(SAVED, timeout=BACK_MS)
    at_alice.expect_text("answer = 6 * 7")
    assert a_mortal_hub.code(a_slug, alice.hub_token) == "answer = 6 * 7"
    show(bob, a_slug, "answer = 6").expect_text("answer = 6 * 7", timeout=BACK_MS)


class Lines:
    """Lines that two people type in turn, each unlike all others: one at the top, the other at the end.

    At one place a line could rightly be split by a line that was on its way.
    """

    def __init__(self, at_the_top: LiveCell, at_the_end: LiveCell) -> None:
        self.at_the_top = at_the_top
        self.at_the_end = at_the_end
        self.typed: list[str] = []

    def type(self, rounds: int) -> None:
        """Let both type a line, `rounds` times."""
        for _ in range(rounds):
            self.at_the_top.go_to_start()
            self.at_the_top.type(self._next("A") + "\n")
            self.at_the_end.append("\n" + self._next("B"))

    def _next(self, letter: str) -> str:
        line = f"# {letter}{len(self.typed):03d}"
        self.typed.append(line)
        return line


def lines_once(text: str, lines: list[str]) -> bool:
    """Tell whether each of the lines stands in the text exactly once."""
    count = Counter(text.splitlines())
    return all(count[line] == 1 for line in lines)


def stored_code(hub: HubProcess, copy: Path, slug: str, token: str) -> str:
    """Return the code that a killed hub had stored, by starting another hub on a copy of its data."""
    shutil.copytree(hub.data_dir, copy)
    witness = HubProcess(copy)
    witness.start()
    try:
        return witness.code(slug, token) or ""
    finally:
        witness.stop()
