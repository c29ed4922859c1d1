"""The classroom of this kernel: connected on first use, or by `teaching_nb.connect`."""

from __future__ import annotations

import inspect
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from teaching_nb import client
from teaching_nb.client.classroom import Classroom
from teaching_nb.client.connecting import connect_here
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import NoHubWarning
from teaching_nb.schema.roots import root_id
from teaching_nb.widgets import ipykernel_hooks, notebook_file

_PACKAGE = __name__.partition(".")[0]


@dataclass
class _Default:
    room: Classroom | None = None
    arguments: tuple[str | None, str | None, str] = (None, None, "")
    has_warned: bool = False
    on_connected: Callable[[Classroom], None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_default = _Default()


def connect(url: str | None = None, token: str | None = None, course: str = "") -> Classroom:
    """Connect this kernel and return its classroom, which all widgets then use.

    Without `url` and `token` the hub of the Jupyter server is taken. Where there is no such server, as in nbconvert,
    papermill, nbgrader or a script, the classroom has no hub, which one warning says: documents then hold what the
    notebook itself says, and are never saved. Calling it again with the same arguments returns the same classroom, with
    others a new one. Never raises because a hub cannot be reached.
    """
    with _default.lock:
        return _connect((url, token, course))


def document(
    slug: str,
    type: str | None = None,  # noqa: A002 - the word of the protocol and of the public interface
    *,
    init: Any = None,
    shared: bool | str | None = None,
    course: str | None = None,
    other_type: bool = False,
) -> DocumentModel:
    """Return the model of a document by its name, without a widget: that of a live cell of the name, or of `code`.

    Arguments are those of `Classroom.document`. What is not given is what the file of this notebook says of a live cell
    of that name; where it names none, one's own `code` document in the course of the classroom.
    """
    room = classroom()
    mark = notebook_file.mark_of(slug)
    if mark is not None:
        type, shared = mark.type if type is None else type, mark.shared if shared is None else shared  # noqa: A001 - see above
        course = mark.course if course is None else course
        init = mark.text if init is None and type == mark.type else init
    type, shared = type or "code", shared or False  # noqa: A001 - see above
    return room.document(slug, type=type, init=init, shared=shared, course=course, other_type=other_type)


def classroom() -> Classroom:
    """Return the classroom of this kernel; connects when nobody has, as `connect` does without arguments."""
    with _default.lock:
        return _default.room or _connect((None, None, ""))


def present() -> Classroom | None:
    """Return the classroom of this kernel if it has one; never connects and never waits."""
    return _default.room


def on_connected(told: Callable[[Classroom], None] | None) -> None:
    """Have somebody told of the classroom of this kernel, of a present one at once; None for nobody any more."""
    _default.on_connected = told
    if told is not None and _default.room is not None and not _default.room.is_closed:
        told(_default.room)


def root_name(room: Classroom, slug: str, course: str | None) -> str:
    """Return how to name a root to `room`: by its slug, or by UUID when it belongs to another course."""
    return slug if course is None or course == room.course else root_id(slug, course)


def _connect(arguments: tuple[str | None, str | None, str]) -> Classroom:
    if _default.room is None or _default.arguments != arguments or _default.room.is_closed:
        url, token, course = arguments
        _default.room = client.connect(*arguments) if url or token else _connect_here(course)
        _default.arguments = arguments
        if _default.on_connected is not None:
            _default.on_connected(_default.room)
    return _default.room


def _connect_here(course: str) -> Classroom:
    room, why = connect_here(course, connection_file=ipykernel_hooks.connection_file())
    if why and not _default.has_warned:
        warnings.warn(_sentence(why), NoHubWarning, stacklevel=_level_of_caller())
        _default.has_warned = True
    return room


def _sentence(why: str) -> str:
    return (
        f"teaching_nb works without a hub here: {why}. Documents hold what this notebook itself says (init=...); "
        "nothing is read from a hub, saved there or seen by others. "
        'To connect all the same: tnb.connect("http://HOST:PORT", token="...")'
    )


def _level_of_caller() -> int:
    """Return the stack level, as `warnings` counts from whoever calls this, of the first line that is not ours."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    # The frame of this function is not among those that `warnings` counts.
    return level
