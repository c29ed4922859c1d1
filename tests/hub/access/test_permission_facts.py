"""The facts about permissions are gathered at once, however many documents and people they are about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, event

from teaching_nb.hub.access.live import live_accesses
from teaching_nb.schema import wire
from tests.harness.cast import Cast
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

pytestmark = pytest.mark.on_both_databases


@contextmanager
def statements_of(tx: Connection) -> Iterator[list[str]]:
    """Collect the statements that are run on a connection."""
    run: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2] != "BEGIN":
            run.append(arguments[2])

    event.listen(tx, "before_cursor_execute", note)
    yield run
    event.remove(tx, "before_cursor_execute", note)


async def test_accesses_to_many_documents_cost_as_many_statements_as_to_one(a_hub: RunningHub, a_cast: Cast) -> None:
    """Else every change of access would ask the database for each document that each socket follows."""
    scene = Scene(a_hub.database)
    roots = [await scene.root(access, shared) for access in ("RW", "RO") for shared in ("RW", "RO", "None")]
    people = (a_cast.student1, a_cast.student2)
    document_ids = [await scene.document(person, root_id) for root_id in roots for person in people]
    missing = wire.new_id()

    def count(tx: Connection, ids: list[str]) -> int:
        with statements_of(tx) as run:
            live_accesses(tx, ids)
        return len(run)

    def all_of(tx: Connection) -> dict[str, Any]:
        found = live_accesses(tx, [*document_ids, missing])
        assert found.is_gone(missing)
        return {id_: found.of(a_cast.student1.actor, id_) for id_ in document_ids}

    def alone(tx: Connection, document_id: str) -> Any:
        return live_accesses(tx, [document_id]).of(a_cast.student1.actor, document_id)

    one = await a_hub.database.read(lambda tx: count(tx, document_ids[:1]))
    many = await a_hub.database.read(lambda tx: count(tx, document_ids))
    accesses = await a_hub.database.read(all_of)

    assert one == many == 2
    for id_, access in accesses.items():
        assert access == await a_hub.database.read(partial(alone, document_id=id_))
    assert {access for access in accesses.values() if access} == {"RW_DocumentRoot", "RO_DocumentRoot"}
