"""Documents whose text several people edit at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from traitlets import Unicode

from teaching_nb.client.models.conflict import Conflict
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.history import History, Version
from teaching_nb.client.models.synced_traits import SyncedText
from teaching_nb.client.told_traits import ToldDict, ToldInt, ToldText, ToldTexts
from teaching_nb.schema.misfits import refusal


class View(Protocol):
    """Who shows a live text and wants its Yjs updates. All methods are called on the loop thread."""

    def on_update(self, update: bytes, origin: object) -> None:
        """Take a change; `origin` is what `apply_update` was given, None for the hub, the kernel or several."""

    def on_reset(self) -> None:
        """Start anew from `get_update`: the shared document was replaced, `epoch` has grown."""

    def on_awareness(self, state: bytes) -> None:
        """Take cursors and names of others (y-protocols awareness update)."""

    def on_awareness_query(self) -> None:
        """Send the own awareness again: the hub has forgotten it."""


class Views(Protocol):
    """Who is told about changes; everything runs on the loop thread, as in the next two."""

    def attach(self, view: View) -> None:
        """Begin to tell a view about changes."""

    def detach(self, view: View) -> None:
        """Tell a view nothing more."""


class Cursors(Protocol):
    """Where everybody is."""

    def send(self, state: bytes) -> None:
        """Send a view's awareness."""

    def show(self, reply: Callable[[bytes], None]) -> None:
        """Answer with where everybody is, empty for nobody."""


class SharedText(Protocol):
    """What a live text model asks of the client."""

    @property
    def views(self) -> Views:
        """Return who is told about changes."""

    @property
    def cursors(self) -> Cursors:
        """Return where everybody is."""

    def apply_update(self, update: bytes, origin: object, epoch: int, done: Callable[[], None] | None) -> None:
        """Apply a view's edit."""

    def send_update(self, state_vector: bytes, reply: Callable[[bytes, bytes, int], None]) -> None:
        """Answer with what is not known to `state_vector`."""

    def renew(self, epoch: int) -> None:
        """Go on with the hub's document in place of that of an epoch, for a view whose edits it cannot take."""

    def retry_now(self) -> None:
        """Try to reach the hub now, if it is not connected."""

    def set_aside(self, text: str) -> None:
        """Keep a version that could not be merged."""

    def forget_version(self, text: str) -> None:
        """Forget such a version: its author has decided about it."""


class LiveTextModel(DocumentModel):
    """A document with one live text.

    Assigning the text sends the difference to what it was before, so that simultaneous edits of others
    live on; `edit` does the same for a change that is computed from the present text.
    """

    text_name: ClassVar[str] = ""
    """Name of the trait that holds the text, and of the key in `data`."""

    epoch = ToldInt()
    "Grows by one whenever the shared document behind the text is replaced by another."

    unmerged = ToldTexts(Unicode())
    "Versions of yours that could not be merged with the shared text, oldest first; see `conflict`."

    lane = ToldDict()
    """What a view needs to follow the document at the hub itself: `document`, `epoch` and, as `user`, who we are there.

    Empty while the shared document is not, or is no more, the hub's.
    """

    oddity = ToldText()
    """What another program has stored in the place of the text, and what can be done; empty for a text."""

    shared: SharedText
    """For the client, which sets it at once: who owns the shared document."""

    past: History
    """For the client, which sets it at once, and for widgets: where the versions come from."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.document_type is not None:
            (cls.text_name,) = cls.document_type.live_text

    @property
    def history(self) -> list[Version]:
        """Return the versions that the hub keeps, newest first; `.text` of each is asked for when it is used.

        Raises `Forbidden` for those who may only read the document, `NotConnected` without a hub.
        """
        return self.past.versions()

    def restore(self, number: int) -> None:
        """Make a version the present text, for everybody; what was there stays in the history.

        Raises `Forbidden` for readers, `NotFound` for a version that is not kept.
        """
        self.past.restore(number)

    @property
    def unsent_text(self) -> str:
        """Return the text of this notebook when it holds changes that the hub has not stored, else nothing.

        A version that could not be merged is not in it: see `conflict`.
        """
        return str(self.gate.peek(self.text_name)) if self.gate.facts.is_unsaved else ""

    @property
    def conflict(self) -> Conflict | None:
        """Return what could not be merged with the shared text, to compare and decide; None when all could."""
        if not self.unmerged:
            return None
        return Conflict(self.unmerged[0], lambda: str(self.gate.peek(self.text_name)), self._use, self._forget)

    def edit(self, change: Callable[[str], str]) -> None:
        """Replace the text by `change(text)`; edits that arrive meanwhile are kept."""
        self.check_editable()
        trait = self.traits()[self.text_name]
        assert isinstance(trait, SyncedText)
        base = getattr(self, self.text_name)
        self.gate.edit_from(self.text_name, base, trait.validate(self, change(base)))

    def check_editable(self) -> None:
        """Raise `InvalidInput` where the text says less than the document holds, and must not take its place."""
        self.check_fits()

    def show_data(self, data: Any) -> None:
        """Show data that is not the user's assignment; for the client, on the loop thread."""
        super().show_data(data)
        odd = self.misfits
        self.gate.tell("oddity", refusal(odd) if odd else "")

    def attach(self, view: View) -> Callable[[], object]:
        """Have a view told about every change; returns the function that ends it. Any thread."""
        self.gate.post(self.shared.views.attach, view)
        return lambda: self.gate.post(self.shared.views.detach, view)

    def apply_update(self, update: bytes, origin: object, epoch: int, done: Callable[[], None] | None = None) -> None:
        """Apply a view's Yjs update that belongs to `epoch`, then call `done`. Any thread."""
        self.gate.post(self.shared.apply_update, update, origin, epoch, done)

    def note_paste(self) -> None:
        """Take from a page that its next edit is something that was pasted. Any thread."""
        self.gate.post(self.past.note_paste)

    def take_report(self, page: str, *, seq: int, stored: int) -> None:
        """Take from a page that its newest edit is `seq`, and that all up to `stored` are stored. Any thread."""
        self.gate.post(self.gate.take_report, page, seq, stored, threading.get_ident())

    def forget_page(self, page: str) -> None:
        """Forget a page that is gone, after what it has sent before. Any thread."""
        self.gate.post(self.gate.forget_page, page)

    def get_update(self, state_vector: bytes, reply: Callable[[bytes, bytes, int], None]) -> None:
        """Call `reply(update, state_vector, epoch)` with what `state_vector` lacks. Any thread."""
        self.gate.post(self.shared.send_update, state_vector, reply)

    def send_awareness(self, state: bytes) -> None:
        """Send where a view's cursor is to the others. Any thread."""
        self.gate.post(self.shared.cursors.send, state)

    def get_awareness(self, reply: Callable[[bytes], None]) -> None:
        """Call `reply(state)` with where everybody is, empty for nobody. Any thread."""
        self.gate.post(self.shared.cursors.show, reply)

    def renew(self, epoch: int) -> None:
        """Replace the shared document by the hub's, for the edits of a view have names that are taken. Any thread."""
        self.gate.post(self.shared.renew, epoch)

    def retry_now(self) -> None:
        """Have the hub connected now, if it is not: a view has seen that it can be. Any thread."""
        self.gate.post(self.shared.retry_now)

    def set_aside(self, text: str) -> None:
        """Keep a version that could not be merged, as another kernel of the user's has done before. Any thread."""
        self.gate.post(self.shared.set_aside, text)

    def start_anew(self) -> None:
        """Give up all edits that the hub has not stored, also what views hold that never came here. Any thread."""
        self.gate.discard()

    def _use(self, mine: str) -> None:
        self.gate.edit_from(self.text_name, self.gate.peek(self.text_name), mine)
        self._forget(mine)

    def _forget(self, mine: str) -> None:
        self.gate.post(self.shared.forget_version, mine)
