"""The classroom of this kernel: connected on first use, or by `teaching_nb.connect`."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from teaching_nb import client
from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.schema.roots import root_id


@dataclass
class _Default:
    room: Classroom | None = None
    arguments: tuple[str | None, str | None, str] = (None, None, "")
    lock: threading.Lock = field(default_factory=threading.Lock)


_default = _Default()


def connect(url: str | None = None, token: str | None = None, course: str = "") -> Classroom:
    """Connect this kernel and return its classroom, which all widgets then use.

    Without arguments the hub of the Jupyter server is taken. Calling it again with the same arguments
    returns the same classroom, with others a new one. Never raises because a hub cannot be reached.
    """
    with _default.lock:
        return _connect((url, token, course))


def document(
    slug: str,
    type: str = "code",  # noqa: A002 - the word of the protocol and of the public interface
    *,
    init: Any = None,
    shared: bool | str = False,
    course: str | None = None,
) -> DocumentModel:
    """Return the model of a document by its name, without a widget: that of a live cell of the name, or of `code`.

    Arguments are those of `Classroom.document`; a live cell has them in its mark. `course` is that of the classroom.
    """
    room = classroom()
    return room.document(root_name(room, slug, course), type=type, init=init, shared=shared)


def classroom() -> Classroom:
    """Return the classroom of this kernel; connects when nobody has."""
    with _default.lock:
        return _default.room or _connect((None, None, ""))


def root_name(room: Classroom, slug: str, course: str | None) -> str:
    """Return how to name a root to `room`: by its slug, or by UUID when it belongs to another course."""
    return slug if course is None or course == room.course else root_id(slug, course)


def _connect(arguments: tuple[str | None, str | None, str]) -> Classroom:
    if _default.room is None or _default.arguments != arguments or _default.room.is_closed:
        _default.room = client.connect(*arguments)
        _default.arguments = arguments
    return _default.room
