"""Stores: what the classroom knows of people, groups and presence."""

from __future__ import annotations

import pytest

from teaching_nb.client.stores import GroupStore, Presence, counts_after
from teaching_nb.schema.records import StudentGroup


def a_group(group_id: str, name: str) -> StudentGroup:
    """Return a group."""
    return StudentGroup(
        id=group_id,
        name=name,
        description="",
        parent_id=None,
        created_at="2026-01-01T00:00:00.000Z",
        updated_at="2026-01-01T00:00:00.000Z",
        can_present=False,
        presented_document=None,
    )


@pytest.mark.parametrize(
    ("before", "rooms", "kind", "after"),
    [
        ({}, [("a", 1)], "update", {"a": 1}),
        ({"a": 1, "b": 2}, [("a", 3)], "update", {"a": 3, "b": 2}),
        ({"a": 1, "b": 2}, [("a", 3)], "full", {"a": 3}),
        ({"a": 1}, [("a", 0)], "update", {}),
        ({"a": 1}, [("b", 1), ("b", 2)], "update", {"a": 1, "b": 2}),
    ],
)
def test_presence_follows_the_messages(
    before: dict[str, int], rooms: list[tuple[str, int]], kind: str, after: dict[str, int]
) -> None:
    """A full message replaces everything, an update single rooms, and nobody empties one."""
    assert counts_after(before, rooms, "full" if kind == "full" else "update") == after


def test_presence_can_be_observed() -> None:
    """Observers get the counts before and after."""
    presence = Presence()
    seen: list[tuple[object, object]] = []
    presence.observe(lambda change: seen.append((change.old, change.new)), "counts")

    presence.take([("room", 2)], "update")

    assert seen == [({}, {"room": 2})]
    assert presence.count("room") == 2
    assert presence.count("elsewhere") == 0


def test_store_tells_its_observers_of_every_change() -> None:
    """Adding, replacing and removing are seen as new dicts."""
    store = GroupStore()
    names: list[list[str]] = []
    store.observe(lambda change: names.append([group.name for group in change.new.values()]), "records")

    store.put(a_group("1", "old"))
    store.put(a_group("1", "new"))
    store.replace_all([a_group("2", "other")])
    store.remove("2")

    assert names == [["old"], ["new"], ["other"], []]


def test_an_empty_list_is_complete_when_it_has_come() -> None:
    """Whoever waits for people or groups is not kept waiting where there are none."""
    groups = GroupStore()
    groups.put(a_group("a", "A"))
    assert (groups.is_complete, groups.wait_complete(0)) == (False, False)

    groups.replace_all([])

    assert (groups.is_complete, groups.wait_complete(0), len(groups)) == (True, True, 0)
