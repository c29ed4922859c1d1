"""Which slugs belong to a course: the hub knows of none."""

from __future__ import annotations

from teaching_nb.client.documents.slugs import in_course
from teaching_nb.schema.records import RootName
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import ALICE
from tests.harness.classrooms import ConnectAs
from tests.harness.waiting import wait_until


def test_slugs_are_told_apart_by_their_roots() -> None:
    """Those of one's own and of shared documents, and neither other courses' nor what is no slug."""
    names = [
        RootName(id=root_id("mine", "a"), name="mine"),
        RootName(id=shared_root_id(root_id("shared", "a"), "code"), name="shared"),
        RootName(id=root_id("elsewhere", "b"), name="elsewhere"),
        RootName(id=root_id("renamed", "a"), name="a name of another program"),
        RootName(id=root_id("other", "a"), name="mine"),
    ]

    assert list(in_course(names, "a")) == ["mine", "shared"]
    assert list(in_course(names, "b")) == ["elsewhere"]


def test_slugs_of_another_kernel_are_known_after_asking_once(connect_as: ConnectAs) -> None:
    """Never at once: nobody waits for the hub."""
    connect_as(ALICE).document("begun-elsewhere").wait_loaded()
    room = connect_as(ALICE)
    assert room.slugs.known() == []

    room.slugs.refresh()

    wait_until(lambda: room.slugs.known() == ["begun-elsewhere"], "the hub has told")
    room.document("Begun-here")
    assert room.slugs.known() == ["begun-elsewhere", "Begun-here"]
