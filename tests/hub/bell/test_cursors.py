"""Cursors of those who are at another process: seen under their own names, gone when they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from teaching_nb.hub.bell import rings
from teaching_nb.hub.bell.rings import Cursor, Ring
from teaching_nb.schema import events, limits
from teaching_nb.schema.awareness import ClientState, States, decode, encode
from tests.harness.cast import Cast
from tests.harness.editors import Editor
from tests.harness.running_hub import RunningHub
from tests.hub.bell.conftest import ConnectTo

Hubs = tuple[RunningHub, RunningHub]


async def seen(editor: Editor) -> States:
    """Return the next cursors that somebody is shown."""
    payload = await editor.listener.hears(events.DOCUMENT_AWARENESS)
    assert payload["id"] == editor.document_id
    return decode(payload["state"])


async def show(editor: Editor, client: int, clock: int, state: dict[str, Any] | None) -> None:
    """Show a cursor."""
    payload = {"id": editor.document_id, "state": encode({client: ClientState(clock, state)})}
    await editor.listener.emit(events.AWARENESS, payload)


async def test_cursor_is_shown_at_the_other_process_until_its_page_is_gone(
    two_hubs: Hubs, people: Cast, *, connect_to: ConnectTo, editors: tuple[Editor, Editor]
) -> None:
    """With the name that the hub knows; to those who come later, too; and it goes with its socket."""
    ada, bob = editors
    await show(ada, 7, 1, {"cursor": [1, 2], "user": {"name": "Somebody Else"}})
    (state,) = (await seen(bob)).values()
    late = Editor(await connect_to(two_hubs[1], people.teacher, is_page=True), ada.document_id)
    await late.sync()
    (present,) = (await seen(late)).values()
    await ada.listener.disconnect()

    assert state.state is not None
    assert (state.state["cursor"], state.state["user"]["name"]) == ([1, 2], people.student1.name)
    assert present == state
    for editor in (bob, late):
        assert await seen(editor) == {7: ClientState(2, None)}


async def test_nobody_shows_a_cursor_of_somebody_at_another_process(editors: tuple[Editor, Editor]) -> None:
    """A client id that is shown there belongs to whom it is."""
    ada, bob = editors
    await show(ada, 7, 1, {"cursor": [1, 2]})
    await seen(bob)

    await show(bob, 7, 5, {"cursor": [3, 3]})
    await show(bob, 8, 1, {"cursor": [4, 4]})

    assert set(await seen(ada)) == {8}


async def test_cursors_go_with_their_process(two_hubs: Hubs, editors: tuple[Editor, Editor]) -> None:
    """When it has ended, nobody is left who could say that they are gone."""
    ada, bob = editors
    await show(ada, 7, 1, {"cursor": [1, 2]})
    await seen(bob)
    first, second = (hub.hub._bell for hub in two_hubs)
    assert first is not None
    assert second is not None

    second._forget(first._elsewhere.process)

    async with asyncio.timeout(5):
        assert await seen(bob) == {7: ClientState(2, None)}


@pytest.mark.parametrize(
    "make",
    [
        lambda: rings.changed("p", {f"{number:036}": 10**9 + number for number in range(300)}, has_posted=True),
        lambda: rings.counts("p", [rings.Count("user", "i" * 36, 99, True, True, 99)] * 300),
        lambda: rings.cursors("p", [Cursor("d" * 36, "s" * 20, "u" * 36, bytes(limits.AWARENESS_BYTES))] * 3),
        lambda: rings.cursors("p", [Cursor("d" * 36, "s" * 20, "u" * 36, bytes(200))] * 300),
        lambda: rings.uses("p", [rings.Use("requests", "u" * 36, 1_000)] * 300),
    ],
    ids=["documents", "counts", "large cursors", "many cursors", "uses"],
)
def test_rings_are_short_enough_for_the_line(make: Callable[[], list[Ring]]) -> None:
    """However much there is to tell, each ring fits, and nothing is left out or told twice."""
    found = list(make())

    assert all(len(rings.encoded(each)) <= rings.MOST_BYTES for each in found)
    parts = [part for each in found for part in (each.documents, each.counts, each.cursors, each.uses)]
    assert sum(map(len, parts)) in {3, 300}
    assert sum(each.has_posted for each in found) <= 1
    assert all(rings.decoded(rings.encoded(each)) == each for each in found)
