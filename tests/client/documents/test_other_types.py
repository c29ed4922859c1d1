"""A document of a type that nobody knows: a mistyped one is refused, one of another program is opened."""

from __future__ import annotations

from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import ALICE
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_classroom

SECONDS = 30


def test_a_mistyped_type_makes_no_document(alice: Classroom, a_hub: HubProcess) -> None:
    """The error names it, the nearest one, all that there are, and how to say that it is meant."""
    words = r"no document type 'tsak_state' here; did you mean 'task_state'\?; known are .*string.*other_type=True"
    for shared in (False, True):
        with pytest.raises(InvalidInput, match=words):
            alice.document("x", type="tsak_state", shared=shared)
    with pytest.raises(InvalidInput, match="no document type 'zzz' here; known are choice_answer, "):
        alice.document_for("x", type="zzz")

    made = {document.type for document in alice.documents_of(alice.user.id)}  # type: ignore[union-attr]
    assert not made & {"tsak_state", "zzz"}
    with pytest.raises(InvalidInput, match="other_type is True or False, not 'yes'"):
        alice.document("x", type="tsak_state", other_type="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("shared", [False, True])
def test_what_another_program_has_stored_is_opened(alice: Classroom, a_hub: HubProcess, shared: bool) -> None:  # noqa: FBT001
    """Own and shared; nobody need say that the type is meant."""
    own = root_id("x", alice.course)
    place = shared_root_id(own, "votes") if shared else own
    body: dict[str, Any] = {"documentRootId": place, "type": "votes", "data": {"yes": 3}, "shared": shared}
    made = a_hub.ask("POST", "/documents/main", ALICE, {**body, "root": {"sharedAccess": "RW_DocumentRoot"}})

    model = alice.document("x", type="votes", shared=shared)

    model.wait_loaded(SECONDS)
    assert (model.id, model.data) == (made["id"], {"yes": 3})


def test_one_that_is_meant_is_made(alice: Classroom) -> None:
    """With its content, and as everybody else's."""
    model = alice.document("x", type="votes", init={"yes": 1}, other_type=True)
    model.wait_loaded(SECONDS)

    assert (model.type, model.data) == ("votes", {"yes": 1})
    assert alice.document("x", type="votes") is model
    assert alice.document("drawing", type="excalidoc").type == "excalidoc"


def test_without_a_hub_nobody_says_that_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the classroom nor `tnb.document` makes one; both do what is meant."""
    monkeypatch.setattr("teaching_nb.widgets.default_classroom.classroom", offline_classroom)

    for call in (offline_classroom().document, tnb.document):
        with pytest.raises(InvalidInput, match="no document type 'votes' here"):
            call("x", type="votes")
        assert call("y", type="votes", other_type=True).type == "votes"
