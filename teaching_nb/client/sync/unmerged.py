"""Versions of one live text that could not be merged with the hub's: they wait for their author. Loop thread.

Mostly there is none, or one. A second one is shown when the first has been decided upon; none is ever put into another.
"""

from __future__ import annotations

from dataclasses import dataclass

from teaching_nb.client.models.live_text import LiveTextModel

NO_EPOCH = -1
"""Of a version that no view writes in any more."""


@dataclass(slots=True)
class _Version:
    text: str
    epoch: int
    """Which shared document it was written in: edits of it that come late belong to this version."""


class Unmerged:
    """What waits, oldest first; the first one is decided about first."""

    def __init__(self, model: LiveTextModel) -> None:
        self._model = model
        self._versions: list[_Version] = []

    def add(self, text: str, epoch: int = NO_EPOCH) -> None:
        """Keep a version, unless the same one waits already."""
        if all(version.text != text for version in self._versions):
            self._versions.append(_Version(text, epoch))
        self._tell()

    def revise(self, text: str, epoch: int) -> bool:
        """Take a late edit of the version that was written in that document; False when it does not wait here."""
        for version in self._versions:
            if version.epoch == epoch:
                version.text = text
                self._tell()
                return True
        return False

    def drop(self, text: str) -> int | None:
        """Forget a version; return which document it was written in, None when it does not wait here."""
        for version in self._versions:
            if version.text == text:
                self._versions.remove(version)
                self._tell()
                return version.epoch
        return None

    def _tell(self) -> None:
        self._model.gate.tell("unmerged", [version.text for version in self._versions])
        self._model.gate.publish(is_unmerged=bool(self._versions))
