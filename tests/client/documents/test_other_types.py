"""A document of a type that nobody knows: a mistyped one is refused, one of another program is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import Forbidden, InvalidInput
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


def test_nothing_else_takes_a_mistyped_type(alice: Classroom, tina: Classroom, a_hub: HubProcess) -> None:
    """What lies below a document, what is of somebody else, what is commented on, and what is opened by its id."""
    top = alice.document("place", type="task_state")
    top.wait_loaded(SECONDS)
    below = alice.documents_below(top)
    wrong: Any = 5
    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: below.add({}, "tsak_state"), r"did you mean 'task_state'\?; known are .*say other_type=True"),
        (lambda: below.add({}, "tsak_state", other_type=wrong), "other_type is True or False, not 5"),
        (lambda: alice.documents_below(top, "txet_message"), "did you mean 'text_message'.*say other_type=True"),
        (lambda: alice.documents_below(top, wrong), "a document type is a text such as 'code', not 5"),
        (lambda: tina.document("place", type="tsak_state", author=top.author_id), "This person has none of another"),
        (
            lambda: tnb.comments("place", type="tsak_state", room=alice),
            "did you mean 'task_state'.*This person has none",
        ),
    ]
    for call, words in calls:
        with pytest.raises(InvalidInput, match=words):
            call()

    assert "tsak_state" not in {each.type for each in alice.documents_of(top.author_id)}


def test_what_is_opened_by_its_id_is_of_the_type_that_it_is(alice: Classroom, tina: Classroom) -> None:
    """Another type is refused before anything could be stored by it."""
    top = alice.document("place", type="task_state", init={"state": "star"})
    top.wait_loaded(SECONDS)

    theirs = tina.open_document(top.id, type="tsak_state")

    words = "this document is of the type 'task_state', not 'tsak_state': open it as that"
    with pytest.raises(Forbidden, match=words):
        theirs.wait_loaded(SECONDS)
    with pytest.raises(InvalidInput, match=words):
        alice.open_document(top.id, type="tsak_state")
    assert alice.open_document(top.id) is alice.open_document(top.id, type="task_state") is top


def test_what_is_meant_is_added_and_listed(alice: Classroom, a_hub: HubProcess) -> None:
    """And once there is one, or the collection is of that type, it need not be said again."""
    top = alice.document("place", type="task_state")
    top.wait_loaded(SECONDS)
    below = alice.documents_below(top)

    below.add({"yes": 1}, "vote", other_type=True)
    below.add({"yes": 2}, "vote")
    votes = alice.documents_below(top, "vote", other_type=True)
    votes.add({"yes": 3})
    votes.wait_loaded(SECONDS)

    assert [each.data["yes"] for each in votes] == [1, 2, 3]
    versions = alice.documents_below(top, "script_version")
    versions.wait_loaded(SECONDS)
    assert len(versions) == 0


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
