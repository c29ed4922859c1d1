"""What belongs to an earlier shared document of one live text: late edits, and versions that could not be merged.

Such versions wait for their author. Mostly there is none, or one. A second one is shown when the first has been decided
upon; none is ever put into another. Lives on the loop thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.sync.carrying import carry_over
from teaching_nb.client.sync.merging import merge_text
from teaching_nb.client.sync.shared_doc import NOTHING_KNOWN, SharedDoc

NO_EPOCH = -1
"""Of a version that no view writes in any more."""

MOST_REPLACED = 5
"""So many documents are remembered: a page may hear of the new one only when that has been replaced too."""


@dataclass(slots=True)
class _Version:
    text: str
    epoch: int
    """Which shared document it was written in: edits of it that come late belong to this version."""


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A shared document that was replaced, for edits that were on their way to it."""

    doc: SharedDoc
    has_same_history: bool
    """The present document is the same one as the hub has it: names mean the same in both."""


class Unmerged:
    """What waits, oldest first; the first one is decided about first."""

    def __init__(self, model: LiveTextModel) -> None:
        self._model = model
        self._versions: list[_Version] = []
        self._replaced: dict[int, _Replaced] = {}
        """By epoch, the oldest first."""

    def replace(self, epoch: int, doc: SharedDoc, *, has_same_history: bool) -> None:
        """Remember the shared document that was replaced just now.

        `has_same_history`: in its place is the same one, as the hub has it.
        """
        self._replaced[epoch] = _Replaced(doc, has_same_history)
        for old in list(self._replaced)[:-MOST_REPLACED]:
            del self._replaced[old]

    def refuse_late(self) -> None:
        """Take no more edits of documents that were replaced."""
        self._replaced.clear()

    def take_late(self, update: bytes, epoch: int, present: SharedDoc) -> list[bytes]:
        """Put a late edit of a document that was replaced into the present one; return the updates that did it.

        What cannot be merged is kept, with the version that it belongs to.
        """
        replaced = self._replaced.get(epoch)
        if replaced is None:
            return []
        base = replaced.doc.copy()
        replaced.doc.apply(update)
        if replaced.has_same_history:
            if not replaced.doc.contains(update):
                # It builds on what the page has got from the hub since.
                for doc in (base, replaced.doc):
                    doc.apply(present.update_since(NOTHING_KNOWN))
            carried = carry_over(present, replaced.doc, [update], base=base)
            return carried.kept + present.replace_text(carried.before, carried.after)
        late = replaced.doc.text
        if self._revise(late, epoch):
            return []
        merged = merge_text(base.text, late, present.text)
        if merged is None:
            self.add(late, epoch)
            return []
        return present.replace_text(present.text, merged)

    def add(self, text: str, epoch: int = NO_EPOCH) -> None:
        """Keep a version, unless the same one waits already."""
        if all(version.text != text for version in self._versions):
            self._versions.append(_Version(text, epoch))
        self._tell()

    def decide(self, text: str) -> None:
        """Forget a version that its author has decided about, and refuse edits of it that are on their way."""
        epoch = self.drop(text)
        if epoch is not None:
            self._replaced.pop(epoch, None)

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
