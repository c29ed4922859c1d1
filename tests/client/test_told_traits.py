"""What the hub tells is read: whoever assigns to it would be shown something that is not so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from traitlets import HasTraits, TraitError

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.models.chat_rooms import ChatRooms
from teaching_nb.client.models.classes import model_class
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.comments import Comments
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.stores import GroupStore, Presence, RootStore, UserStore
from teaching_nb.schema import documents

NOBODY: Any = None
"""A port that is not asked."""


@pytest.fixture(scope="module")
def a_loop() -> Iterator[LoopThread]:
    """Run a loop thread until the tests end."""
    loop = LoopThread("a-loop")
    yield loop
    loop.stop()


@pytest.mark.parametrize("type_name", [*sorted(documents.known_types()), "odd"])
def test_model_takes_content_only(a_loop: LoopThread, type_name: str) -> None:
    """Of no type is anything assignable but the content."""
    model = model_class(type_name)(a_loop, type_name)

    refuses_assignments(model, but={"data", *model.data_traits})


@pytest.mark.parametrize(
    "make",
    [
        lambda: ChatRooms(NOBODY),
        lambda: Comments(NOBODY),
        lambda: DocumentCollection(NOBODY),
        *(UserStore, GroupStore, RootStore, Presence),
    ],
    ids=["rooms", "comments", "collection", "users", "groups", "roots", "presence"],
)
def test_lists_take_nothing(make: Callable[[], HasTraits]) -> None:
    """They have methods for what people do with them."""
    refuses_assignments(make(), but=set())


def refuses_assignments(owner: HasTraits, *, but: set[str]) -> None:
    """Assign to all traits of an object, `but` to these; raises unless every assignment is refused by name."""
    told = set(owner.trait_names()) - but
    assert told
    for name in told:
        before = getattr(owner, name)
        with pytest.raises(TraitError, match=rf"^{name} cannot be 'x': it says what the hub tells, and is only read$"):
            setattr(owner, name, "x")
        assert getattr(owner, name) == before


def test_what_the_hub_tells_is_told_further(a_loop: LoopThread) -> None:
    """The client itself shows it, and observers hear of it."""
    model, heard = DocumentModel(a_loop, "odd"), []
    model.observe(lambda change: heard.append(change.new), "access")

    model.gate.tell("access", "RO_User")

    assert (model.access, heard) == ("RO_User", ["RO_User"])
