"""What a document that is saved as a whole makes of the hub's versions. Lives on the loop thread.

Unsaved local data are merged with what comes, never overwritten. With revisions the newer version is known; without
them, see `blind_writes.py` and `doubts.py`.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from teaching_nb.client.link.rest import BlindWrite, Rest
from teaching_nb.client.models import saving
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.sync.blind_writes import UNSEEN_MS, BlindSave, BlindWrites, Told, milliseconds
from teaching_nb.client.sync.doubts import Doubts
from teaching_nb.client.sync.merging import difference, merge_data, overruled
from teaching_nb.schema import documents, wire
from teaching_nb.schema.records import Document

MOST_REPAIRS = 5
"""So often what was stored here is stored again, lest two who want different things do so for ever."""


class Agreement(ABC):
    """Three versions of one document: `base` (the hub's, at `revision`), the local data, and what the hub sends."""

    is_text: ClassVar[bool] = False
    """Whether data are a text that is merged by lines; of single values the last one counts, whatever its author had
    seen."""

    def __init__(self, model: DocumentModel, data: Any, rest: Rest) -> None:
        self.model = model
        self._rest = rest
        self._texts = documents.text_keys(model.type)
        self._initial = copy.deepcopy(data)
        self._base = data
        self._local = data
        self._revision: int | None = None
        self._server_updated_at = 0
        self._blind = BlindWrites()
        self._doubts = Doubts(self._look, self._newest, self._settle)
        self._is_writing_blindly = False
        """Something is on its way to a hub without revisions."""
        self._repairs = 0
        """How often since the last edit here a version was taken for one that knows nothing of our last write."""

    @abstractmethod
    def _pump(self) -> None:
        """Have saved what is unsaved."""

    @property
    def _is_unsaved(self) -> bool:
        return not wire.is_same(self._local, self._base)

    def _hear(self, data: Any, revision: int | None, updated_at: str) -> None:
        """Take a version that an event tells of; one that may be overwritten already is not believed."""
        at = milliseconds(updated_at)
        if at is not None and revision is None and self._is_doubtful(at, data):
            self._doubts.add(Told(at, updated_at, data))
        else:
            self._take_remote(data, revision, updated_at)

    def _is_doubtful(self, at: int, data: Any) -> bool:
        """Tell whether our last write may have overwritten what looks like news."""
        save = None if self._is_writing_blindly else self._blind.just_before(at)
        return save is not None and self._is_news(None, at) and not self._has_seen(save, data)

    def _newest(self) -> int:
        """Return the time of the newest version that is known to be stored."""
        return self._server_updated_at

    def _settle(self, told: list[Told], found: Document) -> None:
        """Take what is stored, and what was overwritten by it before it was told of."""
        if found.id != self.model.id:
            return
        if self._is_writing_blindly:
            for each in told:
                self._blind.put_off(each)
            return
        found_at = milliseconds(found.updated_at) or 0
        for each in told:
            save = self._blind.just_before(each.at)
            theirs = self._as_here(each.data)
            if each.at > found_at and save is not None:
                self._blind.see(each.at, each.data)
                if not self._blind.has_sent(theirs):
                    self._merge_around(save, theirs)
            else:
                self._take_overwritten(each.at, each.data)
        self._take_remote(found.data, None, found.updated_at)
        if self._server_updated_at > found_at:
            # Overwritten as well was what we took for stored.
            self._rebase(found.data, found_at)
        self._show()
        self._pump()

    def _take_remote(self, data: Any, revision: int | None, updated_at: str) -> None:
        """Apply a version of the hub if it is newer than what is known of it, or was overwritten unseen."""
        at = milliseconds(updated_at)
        if self._is_writing_blindly and at is not None:
            self._blind.put_off(Told(at, updated_at, data))
            return
        if self._is_news(revision, at):
            self._rebase(data, at if revision is None else None)
            self._take_version(revision, updated_at, data)
        elif at is None or not self._take_overwritten(at, data):
            return
        self._show()
        self._pump()

    def _take_overwritten(self, at: int, data: Any) -> bool:
        """Merge in an older version that a write of ours has overwritten unseen; tell whether it has."""
        save = self._blind.overwrote(at, data)
        if save is not None and not self._blind.has_sent(self._as_here(data)):
            self._merge_around(save, self._as_here(data))
        return save is not None

    def _merge_around(self, save: BlindSave, data: Any) -> None:
        """Merge in a version that was stored about when ours was, by what it was made of."""
        base = save.before
        for each in self._blind.back_from(save):
            if self._is_made_of(each, data):
                base = each.sent
                break
            base = each.before
        self._merge(data, base)

    def _is_made_of(self, save: BlindSave, data: Any) -> bool:
        """Tell whether a version was made of what we have sent, or of what was before; perhaps, if the two conflict."""
        both = self._put_together(save.sent, data, save.before)
        if both is None:
            return self._distance(save.sent, data) <= self._distance(save.before, data)
        return bool(data in (save.sent, both))

    def _distance(self, one: Any, other: Any) -> int:
        """Return how much has to be changed to make one version of the other."""
        return difference(one, other, self._texts)

    def _has_seen(self, save: BlindSave, data: Any) -> bool:
        """Tell whether a version was made of what a write of ours has stored; that itself was not."""
        data = self._as_here(data)
        return data != save.sent and bool(self._put_together(save.sent, data, save.before) == data)

    def _put_together(self, local: Any, data: Any, base: Any) -> Any:
        """Return the data with both sides' changes; None when these cannot be merged."""
        return merge_data(base, local, data, self._texts)

    def _rebase(self, data: Any, at: int | None) -> None:
        """Take the hub's data as the base, with what was changed here; `at` is its time at a hub without revisions."""
        theirs, base = self._as_here(data), self._base
        is_text = self.is_text or bool(self._texts)
        save = self._blind.just_before(at, UNSEEN_MS) if at is not None and is_text else None
        self._base = theirs
        if save is None or self._repairs >= MOST_REPAIRS:
            self._merge(theirs, base)
            return
        self._merge_around(save, theirs)
        self._repairs += 1

    def _merge(self, data: Any, base: Any) -> None:
        """Bring a version of the hub into the local data, which was made of `base`."""
        self._put(self._merged(data, base, self._local))

    def _merged(self, data: Any, base: Any, local: Any) -> Any:
        """Return the hub's data with what was changed here; say which of its values that replaces."""
        if note := saving.overruled_note(overruled(base, local, data, texts=self._texts)):
            self.model.gate.publish(note=note)
        return merge_data(base, local, data, self._texts)

    def _put(self, local: Any) -> None:
        self._local = local

    def _as_here(self, data: Any) -> Any:
        """Return the hub's data in the form that local data have."""
        return data

    def _is_news(self, revision: int | None, at: int | None) -> bool:
        if revision is not None and self._revision is not None:
            return revision > self._revision
        return at is not None and at > self._server_updated_at

    def _take_version(self, revision: int | None, updated_at: str | None, data: Any) -> None:
        if revision is not None:
            self._revision = revision
            self.model.gate.tell("revision", revision)
        at = milliseconds(updated_at or "")
        if at is not None and updated_at:
            if revision is None:
                self._blind.see(at, data)
            self._server_updated_at = max(at, self._server_updated_at)
            self.model.gate.tell("updated_at", updated_at)

    def _show(self) -> None:
        self.model.show_data(self._local)
        self.model.gate.publish(is_unsaved=self._is_unsaved)

    async def _look(self) -> Document | None:
        """Read what is stored."""
        found = await self._rest.document(self.model.id)
        return None if found is None else found.document

    def _written_blindly(self, sent: Any, write: BlindWrite) -> None:
        """Bring together what was sent, what the hub has after that, and what it has told of meanwhile."""
        before_at, after_at = (milliseconds(each.updated_at) or 0 for each in (write.before, write.after))
        before, theirs = (self._as_here(each.data) for each in (write.before, write.after))
        is_unseen = not self._blind.has_seen(before_at, write.before.data)
        save = BlindSave(self._base if is_unseen else before, sent, before_at, after_at)
        self._blind.add(save)
        if is_unseen:
            # Read, and not newer than what was known by its time.
            self._blind.see(before_at, write.before.data)
            self._merge_around(save, before)
        self._base = theirs
        if theirs != sent:
            # Somebody has written after us, and perhaps without having seen what we wrote.
            self._merge_around(save, theirs)
        self._take_version(None, write.after.updated_at, write.after.data)

    def _end_blind_write(self) -> None:
        """Take what was told of during a write."""
        self._is_writing_blindly = False
        for told in self._blind.take_put_off():
            self._hear(told.data, None, told.updated_at)
