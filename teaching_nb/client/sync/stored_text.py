"""A live text at a hub that knows none: pages of this kernel share it, the hub stores it as a whole, lines are merged.

The shared document is this kernel's own and never leaves it but to its pages. Versions of the hub are merged into it
line by line. Where both sides have changed the same lines, the hub's version is the text, and the own one waits
beside it for its author, as it does in `LiveText`. Lives on the loop thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from teaching_nb.client.link.rest import Rest
from teaching_nb.client.models import saving
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.models.ports import StoredVersions
from teaching_nb.client.sync.awareness import Cursors
from teaching_nb.client.sync.blind_writes import milliseconds
from teaching_nb.client.sync.live_messages import text_in
from teaching_nb.client.sync.live_views import LiveViews
from teaching_nb.client.sync.merging import text_difference
from teaching_nb.client.sync.record import Record
from teaching_nb.client.sync.shared_doc import SharedDoc
from teaching_nb.client.sync.syncer import Surroundings
from teaching_nb.client.sync.text_merging import TextMerging
from teaching_nb.client.sync.unmerged import Unmerged
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected
from teaching_nb.schema import documents, wire
from teaching_nb.schema.access import Access, is_writable
from teaching_nb.schema.misfits import misfits_in
from teaching_nb.schema.records import Document

SAVE_SECONDS = 5.0
"""So long somebody who brings a version back waits for what is unsaved."""

_logger = logging.getLogger(__name__)


class StoredText(Record):
    """Keeps a model, its views and the hub's record in agreement."""

    model: LiveTextModel
    is_text: ClassVar[bool] = True

    def __init__(
        self,
        model: LiveTextModel,
        data: dict[str, Any],
        *,
        rest: Rest,
        surroundings: Surroundings,
        find_access: Callable[[Document, Access], Awaitable[Access]],
    ) -> None:
        super().__init__(model, data, rest=rest, surroundings=surroundings, find_access=find_access)
        self._key = model.text_name
        self._merging = TextMerging(model.type, self._key)
        self._doc = SharedDoc(self._key, data=data)
        self._unmerged = Unmerged(model)
        self._base = self._local = self._data()
        self._is_odd, self._odd = False, None
        """Whether another program has stored what is no text, and what: it is shown, and never rewritten."""
        self.views = LiveViews()
        self.cursors = Cursors(_tell_nobody)

    # the model's and the views' side

    def discard(self) -> None:
        """Give up what the hub has not stored, also what views hold that never came here."""
        self._start_anew(self._base)
        super().discard()

    def withdraw(self) -> None:
        """Forget what the hub had shown, and what was edited here."""
        self._start_anew(self._initial)
        super().withdraw()

    def edit(self, name: str, base: Any, new: Any) -> None:
        """Apply an assignment and save it later; in the place of what is no text that is done with all data only."""
        if not self._is_odd:
            super().edit(name, base, new)
        elif name == "data":
            self._is_odd, self._base = False, {}
            self._start_anew(new)
            self._edited()

    def apply_update(self, update: bytes, origin: object, epoch: int, done: Callable[[], None] | None) -> None:
        """Apply a view's edit; one for a document that was given up is given up, too."""
        try:
            if epoch == self.model.epoch and not self._is_odd:
                self._tell(self._doc.apply(update), origin)
                self._edited()
        except InvalidInput as error:
            _logger.warning("an edit of a view was dropped: %s", error.message)
        finally:
            if done is not None:
                done()

    def send_update(self, state_vector: bytes, reply: Callable[[bytes, bytes, int], None]) -> None:
        """Answer a view with what it lacks."""
        reply(self._doc.update_for_view(state_vector), self._doc.state_vector, self.model.epoch)

    def renew(self, epoch: int) -> None:
        """Nothing: no hub takes exception to the names that a view's edits have."""

    def retry_now(self) -> None:
        """Read the document now; the connection, if that is missing, comes by itself."""
        self._surroundings.resync(self)

    def set_aside(self, text: str) -> None:
        """Keep a version that could not be merged; one that everybody has needs no keeping."""
        if text != self._doc.text:
            self._unmerged.add(text)

    def forget_version(self, text: str) -> None:
        """Forget a version that its author has decided about."""
        self._unmerged.decide(text)

    def from_sibling(self, change: Any) -> None:
        """Take data that another model of this kernel has stored."""
        self._merge(self._as_here(change), self._base)
        self._show()
        self._pump()

    # the history's side

    def document_id(self) -> str:
        """Return the document's id; empty until the hub has answered."""
        return self.model.id

    async def restore(self, number: int, versions: StoredVersions) -> None:
        """Make a version the present text by an edit; what was there before is stored first, and a version as well."""
        if self._access is not None and not is_writable(self._access):
            raise Forbidden(saving.READ_ONLY)
        version = await versions.version(self.model.id, number)
        await self._save_now()
        if self._is_unsaved:
            raise NotConnected("your last changes are not stored yet, and the version would replace them: try again")
        kept = text_in(self._base, self._key)
        await versions.keep_version(self.model.id)
        self.edit(self._key, kept, text_in(self._as_here(version.data), self._key))
        await self._save_now()

    async def _save_now(self) -> None:
        """Have what is unsaved stored, as far as that is possible now."""
        self.flush()
        if self._saver is not None:
            await asyncio.wait({self._saver}, timeout=SAVE_SECONDS)

    # what `Record` does with its data

    def _apply(self, name: str, base: Any, new: Any) -> None:
        if name == self._key:
            updates = self._doc.replace_text(base, new)
        elif name == "data":
            updates = self._doc.replace_text(text_in(base, self._key), text_in(new, self._key))
            updates += self._doc.replace_values(new)
        else:
            updates = self._doc.replace_values({**self._doc.values(), self.model.data_traits[name].key: new})
        self._tell(updates, None)

    def _put(self, local: Any) -> None:
        updates = self._doc.replace_text(self._doc.text, text_in(local, self._key)) + self._doc.replace_values(local)
        self._tell(updates, None)

    def _merge(self, data: Any, base: Any) -> None:
        merged, mine = self._merging.merge(base, self._local, data), self._doc.text
        if merged.is_apart:
            self._unmerged.add(mine)
        if note := saving.overruled_note(merged.given_up):
            self.model.gate.publish(note=note)
        self._put(merged.data)

    def _put_together(self, local: Any, data: Any, base: Any) -> Any:
        merged = self._merging.merge(base, local, data)
        return None if merged.is_apart else merged.data

    def _distance(self, one: Any, other: Any) -> int:
        return super()._distance(one, other) + text_difference(text_in(one, self._key), text_in(other, self._key))

    def _as_here(self, data: Any) -> Any:
        """Return data of the hub as the shared document would have it: with a text, whose lines end in one way."""
        content = documents.with_text(self.model.type, data) if isinstance(data, Mapping) else {}
        return {**content, self._key: text_in(content, self._key).replace("\r\n", "\n").replace("\r", "\n")}

    def _take_remote(self, data: Any, revision: int | None, updated_at: str) -> None:
        known = self.model.document_type
        if self._is_news(revision, milliseconds(updated_at)):
            self._odd = data
            self._is_odd = bool(misfits_in(known, documents.with_text(self.model.type, data)))
        if not self._is_odd:
            super()._take_remote(data, revision, updated_at)
            return
        self._take_version(revision, updated_at, data)
        self._show()

    @property
    def _is_unsaved(self) -> bool:
        """Whether something else is said here, in whatever form: what others have left out is no change of ours."""
        return not wire.is_same(self._local, documents.with_form(self.model.type, self._base))

    def _may_save(self) -> bool:
        return not self._is_odd and super()._may_save()

    def _show(self) -> None:
        if self._is_odd:
            # First: before the hub has answered, null is no oddity.
            self.model.gate.tell("is_loaded", True)
            self.model.show_data(self._odd)
            return
        super()._show()
        self._unmerged.drop(self._doc.text)

    def _tell(self, updates: list[bytes], origin: object) -> None:
        for update in updates:
            self.views.tell(update, origin)
        self._local = self._data()

    def _data(self) -> Any:
        """Return what is to be stored: nobody at the hub makes of the text what other programs know."""
        return documents.with_form(self.model.type, self._doc.data())

    def _start_anew(self, data: Any) -> None:
        self._unmerged.refuse_late()
        self._doc = SharedDoc(self._key, data=self._as_here(data))
        self._local = self._data()
        self.model.gate.tell("epoch", self.model.epoch + 1)
        self.views.reset()


async def _tell_nobody(_state: bytes) -> None:
    """Tell the hub nothing of cursors: it knows none."""
