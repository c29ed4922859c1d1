"""People with kernels: classrooms that are connected to a hub, and closed at the end."""

from __future__ import annotations

from typing import Self, TypeVar

from teaching_nb.client import Classroom, DocumentModel, connect
from tests.hub.cast import Person

SECONDS = 60.0
"""How long a kernel may take to come back, or to save, on a slow machine."""

M = TypeVar("M", bound=DocumentModel)


class Kernels:
    """Classrooms of one test."""

    def __init__(self) -> None:
        self._rooms: list[Classroom] = []

    def start(self, url: str, person: Person, course: str = "faults") -> Classroom:
        """Connect a person and wait until they are live."""
        room = connect(url, person.token, course)
        self._rooms.append(room)
        room.wait_live(SECONDS)
        return room

    def close(self) -> None:
        """Disconnect everybody, without waiting for what cannot be saved."""
        for room in self._rooms:
            room.close(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def opened(room: Classroom, document_id: str, as_model: type[M]) -> M:
    """Open a document and wait for the hub."""
    model = room.open_document(document_id)
    assert isinstance(model, as_model)
    model.wait_loaded(SECONDS)
    return model
