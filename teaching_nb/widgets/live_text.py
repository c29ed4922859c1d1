"""Base of the widgets that edit live text: `code` and `text`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from traitlets import Bool, Dict, List, Unicode

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.schema.records import User
from teaching_nb.widgets import messages
from teaching_nb.widgets.base import TeachingWidget
from teaching_nb.widgets.history_link import HistoryLink
from teaching_nb.widgets.live_link import LiveLink
from teaching_nb.widgets.shown_model import follow


class LiveTextWidget(TeachingWidget):
    """An editor for one live text document.

    `.model` is the document's model: `doc.model.code`, `doc.model.save_state`.
    """

    text_key = Unicode().tag(sync=True)
    "Key of the shared document that holds the text."
    title = Unicode().tag(sync=True)
    "Heading above the editor."
    save_state = Unicode("offline").tag(sync=True)
    "saved, saving, offline, refused or read-only, of what this kernel holds; pages know how it stands with theirs."
    save_detail = Unicode().tag(sync=True)
    "A sentence about the save state."
    has_unsaved = Bool().tag(sync=True)
    "Whether this kernel holds changes that the hub has not stored."
    notice = Unicode().tag(sync=True)
    "How the document is shared, where that is not what was asked for; empty otherwise."
    access = Unicode().tag(sync=True)
    "What the user may do: one of the nine access words, empty until the hub has answered."
    lane = Dict().tag(sync=True)
    "How a page can exchange edits with the hub directly, as the model says; empty while it cannot."
    unmerged = List(Unicode()).tag(sync=True)
    "The user's versions that could not be merged with the shared text, as the model says."
    me = Dict().tag(sync=True)
    "Who the user is: id and name."
    has_history = Bool().tag(sync=True)
    "Whether the user may look at earlier versions, as far as this kernel knows; the hub decides."
    is_closable = Bool().tag(sync=True)
    "Whether the user can take this document out of an overview."

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.Hello: "_hello",
        messages.Goodbye: "_goodbye",
        messages.Lane: "_lane",
        messages.Pending: "_pending",
        messages.Hurry: "_hurry",
        messages.Renew: "_renew",
        messages.Update: "_update",
        messages.Discard: "_discard",
        messages.UseMine: "_use_mine",
        messages.KeepTheirs: "_keep_theirs",
        messages.SetAside: "_set_aside",
        messages.Awareness: "_awareness",
        messages.Close: "_close_document",
        messages.ShowHistory: "_show_history",
        messages.ShowVersion: "_show_version",
        messages.Restore: "_restore",
    }

    def __init__(self, model: LiveTextModel, *, user: User | None, title: str, **traits: Any) -> None:
        me = {"id": user.id, "name": user.name} if user else {}
        super().__init__(title=title, me=me, **traits)
        self.model = model
        self.when_closed: Callable[[], None] | None = None
        """Called when the user closes the document in an overview."""
        self._link = LiveLink(model, self.send)
        self._history = HistoryLink(model.past, self.send)
        self._is_elevated = user is not None and user.role in {"teacher", "admin"}
        self.observe(self._judge_history, "access")
        follow(self, model, "lane", "unmerged")

    def _hello(self, message: messages.Hello, buffers: list[bytes]) -> None:
        self._link.hello(message.peer, message.epoch, buffers[0] if buffers else b"", seq=message.seq)

    def _goodbye(self, message: messages.Goodbye, _buffers: list[bytes]) -> None:
        self._link.goodbye(message.peer)

    def _lane(self, message: messages.Lane, _buffers: list[bytes]) -> None:
        self._link.change_road(message.peer, has_lane=message.on)

    def _pending(self, message: messages.Pending, _buffers: list[bytes]) -> None:
        self._link.hear(message.peer, seq=message.seq, stored=message.stored)

    def _hurry(self, _message: messages.Hurry, _buffers: list[bytes]) -> None:
        self.model.hurry()

    def _renew(self, message: messages.Renew, _buffers: list[bytes]) -> None:
        self.model.renew(message.epoch)

    def _update(self, message: messages.Update, buffers: list[bytes]) -> None:
        self._link.edit(message.peer, update=buffers[0], epoch=message.epoch, seq=message.seq)

    def _discard(self, _message: messages.Discard, _buffers: list[bytes]) -> None:
        self.model.start_anew()

    def _use_mine(self, _message: messages.UseMine, _buffers: list[bytes]) -> None:
        if (conflict := self.model.conflict) is not None:
            conflict.use_mine()

    def _keep_theirs(self, _message: messages.KeepTheirs, _buffers: list[bytes]) -> None:
        if (conflict := self.model.conflict) is not None:
            conflict.keep_theirs()

    def _set_aside(self, message: messages.SetAside, _buffers: list[bytes]) -> None:
        self.model.set_aside(message.text)

    def _awareness(self, message: messages.Awareness, buffers: list[bytes]) -> None:
        self._link.move(message.peer, buffers[0])

    def _show_history(self, message: messages.ShowHistory, _buffers: list[bytes]) -> None:
        self._history.list_versions(message.peer, message.ask)

    def _show_version(self, message: messages.ShowVersion, _buffers: list[bytes]) -> None:
        self._history.show(message.peer, message.ask, message.number)

    def _restore(self, message: messages.Restore, _buffers: list[bytes]) -> None:
        self._history.restore(message.peer, message.ask, message.number)

    def _judge_history(self, _change: Any) -> None:
        """Writers see the history, the author too unless they are shut out, and teachers of theirs."""
        access = self.access
        is_author = bool(self.me) and self.model.author_id == self.me["id"]
        may_ask = self._is_elevated or (is_author and access.startswith("RO"))
        self.has_history = access.startswith("RW") or (bool(access) and may_ask)

    def _close_document(self, _message: messages.Close, _buffers: list[bytes]) -> None:
        if self.when_closed is not None:
            self.when_closed()
