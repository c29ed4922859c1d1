"""Changing many documents at once: nobody can tell it from changing them one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from teaching_nb.errors import NotFound, OperationalError
from teaching_nb.hub.config import Settings
from teaching_nb.hub.documents import changes as document_changes
from teaching_nb.hub.documents import documents, update_log
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.people import groups
from teaching_nb.hub.store.database import Database
from teaching_nb.schema.events import DOCUMENT_UPDATE
from tests.harness.cast import Caller, Cast, Person
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.documents.change_results import alone, every_kind_of_change, told
from tests.hub.scenes import Scene

pytestmark = pytest.mark.on_both_databases


async def test_changing_together_says_what_changing_alone_says(a_hub: RunningHub, a_scene: Scene, a_cast: Cast) -> None:
    """For all accesses, callers and ways of asking, outcome, receivers and refusals are the same."""
    batches = await every_kind_of_change(a_scene, a_cast)

    def compare(tx: Connection) -> None:
        for batch in batches:
            expected = [told(alone(tx, one)) for one in batch]
            nested = tx.begin_nested()
            together = [told(one) for one in document_changes.change_all(tx, batch)]
            nested.rollback()
            assert together == expected

    await a_hub.database.write(compare)


async def test_a_live_document_is_changed_by_the_rule_of_all_others(
    a_hub: RunningHub, a_scene: Scene, a_cast: Cast
) -> None:
    """Its log goes with it, and those who follow it are told of an update; all else is the same."""
    # One of the ways of asking, with neither an older revision nor equal data; and some of all the accesses.
    batches = [batch[::5] for batch in (await every_kind_of_change(a_scene, a_cast))[::3]]

    def results(tx: Connection) -> list[Any]:
        return [_as_if_plain(told(alone(tx, one))) for batch in batches for one in batch]

    def make_live(tx: Connection) -> None:
        for one in batches[0]:
            update_log.create(tx, one.document_id)

    plain = await a_hub.database.write(results)
    await a_hub.database.write(make_live)

    assert await a_hub.database.write(results) == plain


def _as_if_plain(result: Any) -> Any:
    """Return a result without what only those hear who follow the document live."""
    record, revision, rest = result
    if not isinstance(rest, list):
        return result
    return record, revision, [one[:-1] for one in rest if one[0] != DOCUMENT_UPDATE]


async def test_changes_of_one_document_follow_each_other(a_hub: RunningHub, a_scene: Scene, a_cast: Cast) -> None:
    """Within one transaction each sees the one before it, also a live document; the last one is stored."""
    root_id = await a_scene.root()
    plain, live = [await a_scene.document(a_cast.student1, root_id) for _ in range(2)]
    await a_hub.database.write(lambda tx: update_log.create(tx, live))
    actor = a_cast.student1.actor
    changes = [
        Change(actor, document_id, {"code": code}, revision=revision)
        for code, revision in (("a", 1), ("b", 1), ("c", 2), ("c", None))
        for document_id in (plain, live)
    ]
    changes.append(Change(actor, "00000000-0000-4000-8000-000000000000", {}))

    results = await a_hub.database.write(lambda tx: document_changes.change_all(tx, changes))

    for offset in (0, 1):
        of_one = results[offset:8:2]
        assert [getattr(getattr(one, "record", None), "revision", None) for one in of_one] == [2, None, 3, 3]
        stale = of_one[1]
        assert isinstance(stale, OperationalError)
        assert stale.status == 412
    assert isinstance(results[8], NotFound)
    rows = await a_hub.database.read(lambda tx: [documents.find_row(tx, one) for one in (plain, live)])
    assert [(row.data, row.revision) for row in rows if row] == [({"code": "c"}, 3)] * 2


async def test_many_writers_get_their_own_answers(
    a_hub: RunningHub,
    a_scene: Scene,
    a_cast: Cast,
    as_person: Callable[[Person], Caller],
    connect_as: Connect,
) -> None:
    """Refusals among simultaneous writes disturb nobody, and a listener hears every revision in order."""
    root_id = await a_scene.root("RO", groups={a_cast.class_a: "RW"})
    people = (a_cast.student1, a_cast.student2, a_cast.student3)
    ids = {person: await a_scene.document(person, root_id) for person in people}
    listener = await connect_as(a_cast.admin)

    async def write(person: Person, number: int) -> int:
        answer = await as_person(person).put(f"/documents/{ids[person]}", {"data": {"code": str(number)}})
        return answer.status_code

    numbers = range(20)
    codes = await asyncio.gather(*(write(person, number) for number in numbers for person in people))

    assert codes == [204, 204, 403] * len(numbers)
    revisions: dict[str, list[int]] = {ids[person]: [] for person in people[:2]}
    for _ in range(2 * len(numbers)):
        told = await listener.hears("CHANGED_DOCUMENT")
        revisions[told["id"]].append(told["revision"])
    assert list(revisions.values()) == [list(range(2, 2 + len(numbers)))] * 2


async def test_a_change_that_cannot_be_stored_spares_the_others(
    a_hub: RunningHub,
    a_scene: Scene,
    a_cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mistake of the hub in one change makes the batch run again, one by one."""
    root_id = await a_scene.root()
    ids = [await a_scene.document(a_cast.student1, root_id) for _ in range(3)]
    original = documents.is_equal

    def failing(old: Any, new: Any) -> bool:
        if new == "bad":
            raise ValueError("cannot be compared")
        return original(old, new)

    monkeypatch.setattr(documents, "is_equal", failing)
    actor = a_cast.student1.actor
    changes = [Change(actor, document_id, data) for document_id, data in zip(ids, (1, "bad", 3), strict=True)]

    results = await asyncio.gather(*(a_hub.context.writes.change(change) for change in changes), return_exceptions=True)

    first, second, third = results
    assert isinstance(second, ValueError)
    assert [getattr(one, "revision", None) for one in (first, third)] == [2, 2]


async def test_rights_that_another_process_takes_away_count_at_once(
    a_hub: RunningHub, settings: Settings, a_scene: Scene, a_cast: Cast, as_person: Callable[[Person], Caller]
) -> None:
    """The next change after its commit is refused, and one after it has given them back is stored."""
    root_id = await a_scene.root("RO", groups={a_cast.class_a: "RW"})
    document_id = await a_scene.document(a_cast.student1, root_id)
    student = as_person(a_cast.student1)
    other = await Database.open(settings.database_url)
    codes = []
    for number, is_member in enumerate((True, False, True)):
        if number:
            await other.write(partial(_set_member, cast=a_cast, is_member=is_member))
        codes.append((await student.put(f"/documents/{document_id}", {"data": number})).status_code)
    await other.close()

    assert codes == [204, 403, 204]


def _set_member(tx: Connection, cast: Cast, *, is_member: bool) -> None:
    if is_member:
        groups.set_member(tx, cast.class_a, cast.student1.id, is_admin=False)
    else:
        groups.remove_member(tx, cast.admin.actor, cast.class_a, cast.student1.id)
