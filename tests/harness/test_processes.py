"""Processes of the tests: what is said of one that ends too early, and that none is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.processes import Process


def test_process_names_the_reason_when_it_ends_early(tmp_path: Path) -> None:
    """A server that ends before it listens is reported with its code and its last words."""
    command = [sys.executable, "-c", "import sys; print('no disk'); sys.exit(3)"]

    with (
        Process(command, log=tmp_path / "log") as process,
        pytest.raises(AssertionError, match=r"ended with 3.*\n.*no disk"),
    ):
        process.wait_for_line("listening on ")


def test_process_ends_with_its_block(tmp_path: Path) -> None:
    """Nothing is left running."""
    command = [sys.executable, "-c", "import os, time; print('id', os.getpid(), flush=True); time.sleep(60)"]

    with Process(command, log=tmp_path / "log") as process:
        pid = process.wait_for_line("id ")

    assert subprocess.run(["ps", "-p", pid], capture_output=True, check=False).returncode == 1
