"""What belongs to an earlier shared document of one live text: late edits, and versions that could not be merged.

Such versions wait for their author. Mostly there is none, or one. A second one is shown when the first has been decided
upon; none is ever put into another. Lives on the loop thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.sync.merging import merge_text
from teaching_nb.client.sync.shared_doc import SharedDoc

NO_EPOCH = -1
"""Of a version that no view writes in any more."""


@dataclass(slots=True)
class _Version:
    text: str
    epoch: int
    """Which shared document it was written in: edits of it that come late belong to this version."""


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A shared document that was replaced, for edits that were on their way to it."""

    epoch: int
    doc: SharedDoc


class Unmerged:
    """What waits, oldest first; the first one is decided about first."""

    def __init__(self, model: LiveTextModel) -> None:
        self._model = model
        self._versions: list[_Version] = []
        self._replaced: _Replaced | None = None

    def replace(self, epoch: int, doc: SharedDoc) -> None:
        """Remember the shared document that was replaced just now."""
        self._replaced = _Replaced(epoch, doc)

    def refuse_late(self) -> None:
        """Take no more edits of documents that were replaced."""
        self._replaced = None

    def take_late(self, update: bytes, epoch: int, theirs: str) -> str | None:
        """Return `theirs` with a late edit of a document that was replaced; None when nothing is to be done.

        What cannot be merged is kept, with the version that it belongs to.
        """
        replaced = self._replaced
        if replaced is None or epoch != replaced.epoch:
            return None
        before = replaced.doc.text
        replaced.doc.apply(update)
        late = replaced.doc.text
        if self._revise(late, epoch):
            return None
        merged = merge_text(before, late, theirs)
        if merged is None:
            self.add(late, epoch)
        return merged

    def add(self, text: str, epoch: int = NO_EPOCH) -> None:
        """Keep a version, unless the same one waits already."""
        if all(version.text != text for version in self._versions):
            self._versions.append(_Version(text, epoch))
        self._tell()

    def decide(self, text: str) -> None:
        """Forget a version that its author has decided about, and refuse edits of it that are on their way."""
        epoch = self.drop(text)
        if self._replaced is not None and epoch == self._replaced.epoch:
            self._replaced = None

    def _revise(self, text: str, epoch: int) -> bool:
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
