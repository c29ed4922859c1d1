"""Updates with many small parts: what would cost everybody time is refused before anything is applied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pycrdt
import pytest

from teaching_nb.schema import limits
from teaching_nb.schema.update_reader import has_too_many_parts
from tests.harness.cast import Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

MOST = limits.UPDATE_PARTS


def number(value: int) -> bytes:
    """Return a number as Yjs writes it."""
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def deleting(starts: Iterable[int], client: int = 1) -> bytes:
    """Return an update that deletes single characters of the first state."""
    ranges = [number(start) + number(1) for start in starts]
    return number(0) + number(1) + number(client) + number(len(ranges)) + b"".join(ranges)


def inserting(editor: Editor, count: int) -> bytes:
    """Return an update with insertions that do not follow each other."""

    def insert(data: pycrdt.Map[Any]) -> None:
        text = data["code"]
        for at in range(count):
            text.insert(2 * at, "a")

    return editor.changed(insert)


@pytest.fixture
async def two_editors(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> tuple[Editor, Editor]:
    """Return two people in one long document."""
    scene = Scene(a_hub.database)
    root_id = await scene.root("RW", "RW")
    document_id = await scene.document(a_cast.student1, root_id, data={"code": "x" * 4 * MOST})
    editors = [Editor(await connect_as(person), document_id) for person in (a_cast.student1, a_cast.student2)]
    for editor in editors:
        await editor.sync()
    return editors[0], editors[1]


async def test_deleted_ranges_of_one_update_are_limited(two_editors: tuple[Editor, Editor]) -> None:
    """One more than the limit is refused with both numbers, changes nothing and harms nobody; the limit is taken."""
    first, second = two_editors
    before = first.text

    refused = await first.send(deleting(range(1, 2 * MOST + 2, 2)))
    many = await first.send(deleting(range(1, 600_001, 3)))
    taken = await first.send(deleting(range(1, 2 * MOST, 2)))

    for answer, count in ((refused, MOST + 1), (many, 200_000)):
        assert (answer["ok"], answer["error"]["status"]) == (False, 413)
        assert f"{count} insertions and deleted ranges, the limit is {MOST}" in answer["error"]["message"]
    assert taken["ok"], taken
    second.doc.apply_update((await second.listener.hears("DOCUMENT_UPDATE"))["update"])
    assert len(second.text) == len(before) - MOST
    assert (await second.write("still here "))["ok"]


async def test_insertions_of_one_update_are_limited(two_editors: tuple[Editor, Editor]) -> None:
    """They count together with what is deleted."""
    first, second = two_editors

    taken = await first.send(inserting(first, MOST))
    refused = await second.send(inserting(second, MOST + 1))

    assert taken["ok"], taken
    assert (refused["ok"], refused["error"]["status"]) == (False, 413)
    assert f"{MOST + 1} insertions" in refused["error"]["message"]


async def test_what_is_deleted_already_does_not_count(two_editors: tuple[Editor, Editor]) -> None:
    """Whoever has been away repeats all that was ever deleted, and is let in with what is new."""
    first, second = two_editors
    for start in (1, 2 * MOST + 1):
        assert (await first.send(deleting(range(start, start + 2 * MOST, 2))))["ok"]
    await second.sync()

    whole = second.edit("new ")
    refused = await second.send(inserting(second, MOST + 1))

    assert has_too_many_parts([whole])
    assert (await second.send(whole))["ok"]
    assert refused["error"]["status"] == 413


async def test_parts_are_counted_alike_by_those_who_send(two_editors: tuple[Editor, Editor]) -> None:
    """What a client of ours takes for few enough is taken, also when it is put together from several."""
    editor, _ = two_editors
    half = [deleting(range(start, start + MOST, 2)) for start in (1, MOST + 1)]

    assert not has_too_many_parts(half)
    assert has_too_many_parts([*half, deleting([3 * MOST])])
    assert (await editor.send(pycrdt.merge_updates(*half)))["ok"]
