"""Base of the widgets that show one document: its title, how it stands with saving, and closing it in an overview."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from IPython import get_ipython
from traitlets import Bool, Dict, List, TraitError, Unicode

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import wire
from teaching_nb.schema.document_type import DocumentType
from teaching_nb.schema.hub_kinds import LIVE_TEXT
from teaching_nb.schema.misfits import Misfit, as_in_pages, refusal
from teaching_nb.schema.records import User
from teaching_nb.schema.types import import_what_is_about
from teaching_nb.widgets import ipykernel_hooks, messages
from teaching_nb.widgets.arguments import check_place
from teaching_nb.widgets.base import Reply, TeachingWidget
from teaching_nb.widgets.default_classroom import classroom
from teaching_nb.widgets.snapshot import Snapshot, invitation

_HOME = "teaching_nb.widgets"


class DocumentWidget(TeachingWidget):
    """One document; `.model` is its model: `doc.model.data`, `doc.model.save_state`.

    `class TaskWidget(DataWidget, shows=TYPE)` is the widget of a type. It can be made of a model alone, for a teacher
    who watches a document does not know the call that its author has used. `is_kept`: what it holds may become a part
    of the notebook's file, as an output and as kept state.
    """

    title = Unicode().tag(sync=True)
    "What stands above the document."
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
    me = Dict().tag(sync=True)
    "Who the user is: id and name."
    mark = Dict().tag(sync=True)
    "How a notebook cell names the document: document, type, shared, course; empty for one that no cell can show."
    snapshot = Unicode(None, allow_none=True).tag(sync=True)
    """What the document holds, in words, for front ends that keep the traits of widgets and show them without a kernel.

    A page that shows a live text writes here what it holds, and tells nobody. None for a document that the notebook
    does not name itself: what others have written is no part of the file of whoever watches them.
    """
    is_closable = Bool().tag(sync=True)
    "Whether the user can take this document out of an overview."

    shown_type: ClassVar[DocumentType | None] = None
    """The document type that this widget shows."""

    page: ClassVar[str] = ""
    """The folder of the browser half that shows it; empty for the one that is called as the type is."""

    classes: ClassVar[dict[str, type[DocumentWidget]]] = {}
    """Type → its widget, of those that were used so far."""

    followed: ClassVar[tuple[str, ...]] = ()
    """Traits that the widget copies from its model, besides those about saving and sharing."""

    watched: ClassVar[tuple[str, ...]] = ()
    """Traits of its model that it is shown anew for, and does not copy."""

    is_withheld: ClassVar[bool] = False
    """Whether what it holds is no part of a notebook's file, which may be handed to people who are not to see it."""

    needs_room: ClassVar[bool] = False
    """Whether it is made with the classroom beside the model: `room=`."""

    offers_cell: ClassVar[bool] = False
    """Whether it offers a cell of the notebook itself in its place, which needs a hub with live text."""

    about_key: ClassVar[str] = ""
    """Key under which a document of the type names the one that it is about, with which it is shown; empty for none."""
    shows_by_itself: ClassVar[bool] = True
    """Whether it shows something to whoever does not know the call that its author has used."""

    language: ClassVar[str] = "text"
    """What `as_text` is written in, as highlighters call it."""

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {messages.Close: "_close_document"}

    def __init_subclass__(cls, shows: DocumentType | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if shows is not None:
            cls.shown_type = shows
            DocumentWidget.classes[shows.name] = cls

    def __init__(
        self,
        model: DocumentModel,
        *,
        user: User | None = None,
        title: str = "",
        on_close: Callable[[], None] | None = None,
        is_kept: bool = False,
        **traits: Any,
    ) -> None:
        assert self.shown_type is not None, "a widget of documents says which type it shows"
        self.model = model
        self._on_close = on_close
        me = {"id": user.id, "name": user.name} if user else {}
        # All in the message that opens the widget: each one after it costs the page as much as the first.
        self._is_kept = is_kept
        traits = {"title": title, "me": me, "is_closable": on_close is not None, **self.state(), **traits}
        super().__init__(kind=self.page or self.shown_type.name, **{"snapshot": self._kept_text(), **traits})
        self._follow(model)

    def _follow(self, model: DocumentModel) -> None:
        """Keep the traits equal to the model's, now and on every change until the widget is closed."""
        self.show_changes(model, ["access", "save_state", "save_detail", "notice", *self.followed, *self.watched])
        # What has changed since the widget was opened.
        self.show_model()

    def show_changes(self, model: DocumentModel, names: list[str]) -> None:
        """Make the traits anew on every change of these traits of a model, until the widget is closed."""
        shown = weakref.ref(self)

        def copy(_change: Any) -> None:
            alive = shown()
            if alive is None or alive.comm is None:
                model.unobserve(copy, names)
                return
            # The model has all its new values before it announces the first one: one message to the pages for all.
            with alive.hold_sync():
                alive.show_model()

        model.observe(copy, names)

    def show_model(self) -> None:
        """Make the traits equal to the model's. Any thread."""
        for name, value in self.state().items():
            setattr(self, name, value)

    def state(self) -> dict[str, Any]:
        """Return the traits that say what the model holds and how it stands with saving."""
        # Each page knows about its own changes, and tells its user: here it is the kernel's that count.
        save_state, save_detail = self.model.saved_here()
        saving = {
            "has_unsaved": self.model.gate.facts.is_unsaved,
            "save_state": save_state,
            "save_detail": save_detail,
        }
        return saving | {name: self.value_of(name) for name in ("access", "notice", *self.followed)}

    def value_of(self, name: str) -> Any:
        """Return what the model has for a trait, in the form that the page gets."""
        return getattr(self.model, name)

    def as_text(self) -> str:
        """Return what the document holds, in words."""
        return json.dumps(self.model.data, ensure_ascii=False, indent=2)

    def has_page(self) -> bool:
        """Tell whether a page may show the widget: not when a program runs the notebook where there is no hub.

        What nbconvert, papermill and nbgrader run has no kernel any more when somebody sees it.
        """
        return self.model.has_hub or ipykernel_hooks.is_watched(getattr(get_ipython(), "kernel", None))

    def written(self) -> dict[str, str]:
        """Return the document as it is now, for exports and terminals."""
        if not self._is_kept:
            # What others have called theirs is no part of the file either.
            return invitation(self.title, self.how_to_see) if self.is_withheld else super().written()
        now = datetime.now().astimezone()
        return Snapshot(title=self.title, text=self.as_text(), at=now, language=self.language).bundle()

    def has_written(self) -> bool:
        """Tell whether the file holds the document."""
        return self._is_kept

    def keep_text(self) -> None:
        """Bring the kept text up to date. Any thread."""
        self.snapshot = self._kept_text()

    def _kept_text(self) -> str | None:
        return self.as_text() if self._is_kept else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.title!r}: {self.model.save_state}>"

    def _close_document(self, _message: messages.Close, _buffers: list[bytes]) -> None:
        if self._on_close is not None:
            self._on_close()


class DataWidget(DocumentWidget):
    """A document whose data a page shows and assigns as a whole, key by key."""

    data = Dict().tag(sync=True)
    "The document's data."
    misfits: List[dict[str, Any]] = List().tag(sync=True)
    """What another program has stored that does not fit, to be shown and never changed: `key` and `value` of each.

    The key is empty where the data are no object.
    """

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {messages.Assign: "_assign"}

    followed: ClassVar[tuple[str, ...]] = ("data",)
    watched: ClassVar[tuple[str, ...]] = ("is_loaded",)

    def state(self) -> dict[str, Any]:
        """Return the traits that say what the model holds, and how it stands with saving."""
        odd = [misfit.shown() for misfit in self.find_misfits()]
        return super().state() | {"misfits": odd, "snapshot": self._kept_text()}

    def show_model(self) -> None:
        """Make the traits equal to the model's. Any thread."""
        if not wire.is_same(self.data, self.value_of("data")):
            # For traitlets `True` would be the `1` that stood there.
            self.data = {}
        super().show_model()

    def value_of(self, name: str) -> Any:
        """Return the data as an object: another client may have stored anything, which is kept and not shown."""
        value = super().value_of(name)
        return value if name != "data" or isinstance(value, dict) else {}

    def find_misfits(self) -> tuple[Misfit, ...]:
        """Return what does not fit the type, or what the call asks for."""
        return self.model.misfits

    def understood(self) -> dict[str, Any]:
        """Return the data with the default in the place of what does not fit."""
        odd = {misfit.key for misfit in self.find_misfits()}
        known: dict[str, Any] = {} if self.shown_type is None else wire.to_plain(self.shown_type.data())
        return known | {key: as_in_pages(value) for key, value in self.value_of("data").items() if key not in odd}

    def _assign(self, message: messages.Assign, reply: Reply) -> None:
        self.assign(message.key, message.value)
        # After the data, which changes on the client's own thread: the page then shows what it has.
        if not self.model.gate.post(reply.give, None):
            reply.refuse("this classroom is closed: run the cell again")

    def assign(self, key: str, value: Any) -> None:
        """Assign one key of the data, as on the wire; raises `InvalidInput` for what the type does not have.

        A document in which something does not fit its type takes no change.
        """
        traits = {trait.key: name for name, trait in self.model.data_traits.items()}
        if key not in traits:
            raise InvalidInput(f"a {self.model.type} document has no key {key!r}; it has {', '.join(traits)}")
        if odd := [misfit for misfit in self.find_misfits() if not misfit.is_of_call]:
            raise InvalidInput(refusal(odd))
        try:
            setattr(self.model, traits[key], value)
        except TraitError as error:
            raise InvalidInput(str(error)) from error


W = TypeVar("W", bound=DocumentWidget)


def show(
    widget: type[W],
    slug: str,
    *,
    init: Any = None,
    shared: bool | str = False,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
    **options: Any,
) -> W:
    """Return a widget of the document below the root `slug`; `options` are the widget's own.

    `title` is the slug where none is given, `course` that of `room`, `room` the classroom of this kernel.
    """
    assert widget.shown_type is not None, "a widget of documents says which type it shows"
    check_place(title=title, course=course, room=room)
    room = room or classroom()
    kind = widget.shown_type.name
    model = room.document(slug, type=kind, init=init, shared=shared, course=course)
    mark = {"document": slug, "type": kind, "shared": shared, "course": room.course if course is None else course}
    if widget.offers_cell and LIVE_TEXT in room.lacking:
        mark = {}
    title, is_kept = slug if title is None else title, not widget.is_withheld
    options |= {"room": room} if widget.needs_room else {}
    return widget(model, user=room.user, title=title, mark=mark, is_kept=is_kept, **options)


def widget_class(model: DocumentModel) -> type[DocumentWidget] | None:
    """Return the widget of a model's type; None for a type without one."""
    return widget_class_of(model.document_type, model.type)


def widget_class_of(known: DocumentType | None, name: str) -> type[DocumentWidget] | None:
    """Return the widget of a type by its name; None for a type without one."""
    if known is not None and known.name not in DocumentWidget.classes:
        import_what_is_about(known, _HOME)
    return DocumentWidget.classes.get(name)
