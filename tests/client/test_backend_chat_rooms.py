"""Chat rooms at the school's existing backend, in both versions: for everybody, on a list that all teachers write."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client import Classroom, DocumentModel
from teaching_nb.client.link.rest import Seen
from teaching_nb.client.models.chat_rooms import ChatRooms
from teaching_nb.errors import Forbidden
from tests.harness.backend_records import Pupil
from tests.harness.backend_school import BackendSchool, a_backend_school
from tests.harness.waiting import SECONDS, wait_until

__all__ = ["a_backend_school"]


def stored(school: BackendSchool, model: DocumentModel) -> Any:
    """Return what the backend has."""
    return school.backend.data(model.id)


def opened(school: BackendSchool, person: Pupil) -> tuple[Classroom, DocumentModel, ChatRooms]:
    """Open the list in a kernel of somebody's."""
    room = school.connect(person)
    listed = room.document("talk", type="dynamic_document_roots", shared="read")
    listed.wait_loaded(SECONDS)
    return room, listed, room.chat_rooms.of(listed)


def test_a_chat_room_is_for_everybody_there(a_backend_school: BackendSchool) -> None:
    """For chosen people it is refused, for all others could read it; nothing of it is made."""
    _, listed, staff = opened(a_backend_school, a_backend_school.tina)
    _, _, mine = opened(a_backend_school, a_backend_school.sam)

    with pytest.raises(Forbidden, match="cannot withhold a document"):
        staff.add("For Sam", people=[a_backend_school.sam.id])
    made = staff.add("All", everybody=True)
    wait_until(lambda: [each.name for each in mine.rooms] == ["All"], "the student sees it")
    mine.say(made, "hello")

    wait_until(lambda: [each.data for each in staff.room(made).messages] == [{"text": "hello"}], "the teacher reads it")
    staff.remove(made)
    wait_until(lambda: mine.rooms == (), "it is closed")
    assert stored(a_backend_school, listed)["documentRootIds"] == []


def test_every_teacher_adds_to_a_list_there(a_backend_school: BackendSchool) -> None:
    """The list is then shared as the website shares it; who has opened it adds, too, and a student still does not."""
    school, colleague = a_backend_school, Pupil("Theo", a_backend_school.tina.role)
    school.backend.records.people.append(colleague)
    _, listed, tina = opened(school, school.tina)
    (_, _, theo), (pupil, _, sam) = opened(school, colleague), opened(school, school.sam)
    tina.add("One", everybody=True)
    wait_until(lambda: [each.name for each in theo.rooms] == ["One"], "the other teacher sees it")

    theo.add("Two", everybody=True)
    wait_until(lambda: [each.name for each in tina.rooms] == ["One", "Two"], "the first one sees both")
    tina.add("Three", everybody=True)
    wait_until(lambda: [each.name for each in sam.rooms] == ["One", "Two", "Three"], "so does a student")

    opened(school, colleague)
    root = school.backend.records.roots[listed.root_id]
    assert (root["access"], root["sharedAccess"]) == ("RO_DocumentRoot", "RW_DocumentRoot")
    ids = stored(school, listed)["documentRootIds"]
    with pytest.raises(Forbidden):
        pupil._loop.ask(pupil._rest.save(listed.id, {"documentRootIds": []}, Seen(None, 0, stored(school, listed))))
    assert stored(school, listed)["documentRootIds"] == ids
    assert len(ids) == 3
