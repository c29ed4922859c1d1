"""A class at the double of the existing backend, whose kernels come to it without Jupyter servers between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import pytest

from teaching_nb.client import Classroom, DocumentModel
from teaching_nb.client.link.address import Address
from teaching_nb.schema.hub_kinds import TEACHING_API
from tests.harness.backend_double import BackendDouble
from tests.harness.backend_records import Pupil, Version
from tests.harness.waiting import SECONDS

M = TypeVar("M", bound=DocumentModel)

VERSIONS: tuple[Version, ...] = ("present", "2025")


class BackendSchool:
    """Two students and a teacher, and their classrooms."""

    def __init__(self, version: Version) -> None:
        self.sam, self.sue = Pupil("Sam"), Pupil("Sue")
        # The older version knows admins alone.
        self.tina = Pupil("Tina", "teacher" if version == "present" else "admin")
        self.backend = BackendDouble(version, self.sam, self.sue, self.tina).start()
        self._rooms: list[Classroom] = []

    @property
    def people(self) -> tuple[Pupil, Pupil, Pupil]:
        """Return the students, and the teacher."""
        return self.sam, self.sue, self.tina

    def address(self, person: Pupil) -> Address:
        """Return what a person's kernel is given."""
        return Address(self.backend.url, self.backend.token_of(person), kind=TEACHING_API)

    def connect(self, person: Pupil) -> Classroom:
        """Return a classroom that is live."""
        room = Classroom(self.address(person), "course")
        self._rooms.append(room)
        room.wait_live(SECONDS)
        return room

    def stop(self) -> None:
        """Disconnect everybody, and end the backend."""
        for room in self._rooms:
            room.close(0.1)
        self.backend.stop()


def opened(room: Classroom, as_model: type[M], slug: str = "text", init: object = "one\ntwo\nthree\n") -> M:
    """Open a document that everybody edits."""
    model = room.document(
        slug, type=as_model.document_type.name if as_model.document_type else "", init=init, shared=True
    )
    assert isinstance(model, as_model)
    model.wait_loaded(SECONDS)
    return model


@pytest.fixture(params=VERSIONS)
def a_backend_school(request: pytest.FixtureRequest) -> Iterator[BackendSchool]:
    """Return a class at a backend of each version."""
    school = BackendSchool(request.param)
    yield school
    school.stop()


@pytest.fixture
def a_present_school() -> Iterator[BackendSchool]:
    """Return a class at a backend of the present version."""
    school = BackendSchool("present")
    yield school
    school.stop()
