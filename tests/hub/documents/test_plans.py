"""What is asked every day finds its rows by an index: it costs the same in a school with very many documents.

SQLite says of each statement how it would run it; what it calls a scan looks at every row of a table.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Engine, event

from teaching_nb.hub.config import Settings
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

GROWING = {
    *("documents", "document_roots", "live_texts", "live_updates", "document_versions", "version_authors"),
    *("deleted_documents", "group_permissions", "user_permissions", "memberships", "sessions", "student_groups"),
    *("users", "admins", "below", "mine"),
}
"""Tables that grow with what is written and with the people, and the names by which queries call them twice."""


class Plans:
    """The statements that a hub has run, to be asked how SQLite runs them."""

    def __init__(self, settings: Settings) -> None:
        self._file = settings.data_dir / "hub.db"
        self._seen: set[str] = set()

    def trace(self, connection: Connection) -> None:
        """Note all that is run on a connection from now on; what SQLAlchemy calls when a transaction begins."""
        driver = cast("sqlite3.Connection", connection.connection.dbapi_connection)
        driver.set_trace_callback(self._seen.add)

    def forget(self) -> None:
        """Begin anew."""
        self._seen.clear()

    def scanned(self) -> set[str]:
        """Return the tables of which every row was looked at since the last time, and forget what was seen."""
        run = {statement for statement in self._seen if re.match(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH)\b", statement)}
        assert run, "no statement was seen"
        self.forget()
        driver = sqlite3.connect(self._file)
        try:
            details = [row[3] for statement in run for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}")]
        finally:
            driver.close()
        return {match[1] for match in (re.match(r"SCAN (\w+)", detail) for detail in details) if match} & GROWING


@pytest.fixture
def plans(a_hub: RunningHub, settings: Settings) -> Iterator[Plans]:
    """Look at the statements of a hub that serves."""
    assert a_hub
    found = Plans(settings)
    event.listen(Engine, "begin", found.trace)
    yield found
    event.remove(Engine, "begin", found.trace)


async def test_requests_of_every_day_look_at_no_whole_table(
    plans: Plans, a_cast: Cast, a_scene: Scene, *, a_teacher: Caller, a_student: Caller
) -> None:
    """Opening, changing, making, listing, catching up, and the slugs of what one may read."""
    ada = a_cast.student1
    own, shared = await a_scene.root(), await a_scene.root("None", "RO", groups={a_cast.class_a: "RW"})
    document, other = await a_scene.document(ada, own), await a_scene.document(a_cast.student2, shared)
    roots = [own, shared]
    code = {"documentRootId": own, "type": "code", "data": {"code": "y"}}
    asked: list[tuple[Caller, str, str, Any]] = [
        (a_student, "GET", f"/documents/{document}", None),
        (a_student, "GET", f"/documents/{other}", None),
        (a_student, "PUT", f"/documents/{document}", {"data": {"code": "z"}}),
        (a_student, "POST", "/documents", code),
        (a_student, "POST", "/documents/main", code),
        (a_student, "POST", "/documents/main", {**code, "documentRootId": wire.new_id(), "root": {"name": "new"}}),
        (a_student, "GET", f"/documentRoots?ids={own}&ids={shared}", None),
        (a_student, "POST", "/sync", {"roots": [{"id": root_id, "since": 1} for root_id in roots]}),
        (a_student, "GET", "/rootNames", None),
        (a_teacher, "GET", "/rootNames", None),
        (a_teacher, "POST", "/documents/multiple", {"documentRootIds": roots}),
        (a_teacher, "POST", "/documents/multiple", {"documentRootIds": roots, "userId": ada.id}),
        (a_teacher, "GET", f"/users/{ada.id}/documents", None),
        (a_teacher, "GET", f"/documentRoots/{shared}/permissions", None),
        (a_student, "DELETE", f"/documents/{document}", None),
        (a_teacher, "PUT", f"/documentRoots/{own}", {"access": "RO_DocumentRoot"}),
    ]
    found = {}
    for caller, method, path, body in asked:
        plans.forget()
        answer = await caller.send(method, path, body)
        assert answer.status_code in {200, 204}, (path, answer.text)
        found[f"{method} {path}"] = plans.scanned()

    assert {what: tables for what, tables in found.items() if tables} == {}


async def test_sockets_look_at_no_whole_table(
    plans: Plans, a_cast: Cast, a_scene: Scene, a_hub: RunningHub, connect_as: Connect
) -> None:
    """Coming, following a document, typing, writing back, and the look after access that comes every half minute."""
    document = await a_scene.document(a_cast.student1, await a_scene.root())
    plans.forget()

    editor = Editor(await connect_as(a_cast.student1), document)
    await editor.sync()
    await editor.write("a letter")
    await a_hub.write_back()
    await a_hub.hub._sweep_once()
    await editor.listener.heard_so_far()

    assert plans.scanned() == set()
