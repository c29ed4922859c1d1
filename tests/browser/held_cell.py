"""A cell of a notebook that keeps its kernel asleep for exactly as long as a test needs."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tests.browser.notebook import Cell, Notebook


class HeldCell:
    """A cell that keeps its kernel asleep until the test lets it go on."""

    def __init__(self, notebook: Notebook, file: Path, before: str = "") -> None:
        self._file = file
        sleep = f"import pathlib, time\nwhile not pathlib.Path({str(file)!r}).exists():\n    time.sleep(0.05)"
        self._cell: Cell = notebook.start(f"{before}\n{sleep}\nseen = doc.model.code")

    def end(self) -> None:
        """Let the cell end, which it must not have done by itself."""
        assert self._cell.is_running
        self._file.touch()
        self._cell.wait_done()


class Hold(Protocol):
    """Starts such a cell in a notebook."""

    def __call__(self, notebook: Notebook, before: str = "") -> HeldCell:
        """Let the cell do something before it sleeps."""
