"""A deaf process holds back so much and no more; what is too much, its people ask for when they come back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from teaching_nb.hub.delivery import publisher
from teaching_nb.schema import events
from tests.harness.cast import Cast
from tests.harness.editors import Editor
from tests.harness.running_hub import RunningHub
from tests.hub.bell.conftest import ConnectTo
from tests.hub.bell.test_deafness import Deaf
from tests.hub.bell.test_live_rooms import take_in
from tests.hub.bell.test_uses import until

Hubs = tuple[RunningHub, RunningHub]
MOST = 5

pytestmark = pytest.mark.usefixtures("late_loss")


@pytest.fixture(params=["announcements", "bytes"])
def little_is_held(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let little be held back, for the one reason or the other, until the test ends."""
    name, most = ("MOST_HELD", MOST) if request.param == "announcements" else ("MOST_HELD_BYTES", MOST * 40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publisher, name, most)
        yield


@pytest.mark.usefixtures("little_is_held")
async def test_what_is_too_much_is_given_up_and_asked_for_again(
    two_hubs: Hubs,
    people: Cast,
    *,
    editors: tuple[Editor, Editor],
    connect_to: ConnectTo,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Memory stays bounded; the connections end when it hears again, and whoever comes back has everything once."""
    ada, bob = editors
    deaf, elsewhere = Deaf(two_hubs[1], monkeypatch), two_hubs[1].context.elsewhere
    assert elsewhere is not None
    for number in range(4 * MOST):
        await ada.write(f"word{number} ")
        assert (await bob.write(f"own{number} "))["ok"]
    await until(lambda: elsewhere.told.heads()[bob.document_id] == 8 * MOST)
    await until(lambda: len(two_hubs[1].hub._announcements) == 0)
    assert len(two_hubs[1].hub._publisher._held) <= 2 * MOST

    await deaf.cure()

    await bob.listener.ended()
    assert bob.listener.tally[events.DOCUMENT_UPDATE] == 0
    again = Editor(await connect_to(two_hubs[1], people.student2, is_page=True), ada.document_id)
    assert (await again.sync())["ok"]
    for number in range(4 * MOST):
        assert [again.text.count(f"{word}{number} ") for word in ("word", "own")] == [1, 1]
    await ada.write("after ")
    await take_in(again, "after ")
    assert not ada.listener.is_disconnected.is_set()


async def test_what_is_little_is_told_in_its_order(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to come back for that."""
    ada, bob = editors
    deaf = Deaf(two_hubs[1], monkeypatch)
    for number in range(4 * MOST):
        await ada.write(f"{number};")
    await deaf.cure()

    await take_in(bob, f"{4 * MOST - 1};")

    assert bob.text == ada.text
    assert not bob.listener.is_disconnected.is_set()
