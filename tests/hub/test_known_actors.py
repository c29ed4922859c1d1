"""Remembering who holds a token: whatever takes a right away counts at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, update

from teaching_nb.hub import clock, known_actors
from teaching_nb.hub.config import Settings
from teaching_nb.hub.database import Database
from teaching_nb.hub.tables import sessions, users
from tests.hub.conftest import RunningHub
from tests.hub.people import Caller, Cast
from tests.hub.scenes import Scene


async def _status(caller: Caller) -> int:
    return (await caller.get("/user")).status_code


def _ban(tx: Connection, user_id: str) -> None:
    tx.execute(update(users).where(users.c.id == user_id), {"banned": True})


def _nothing(_tx: Connection) -> None:
    pass


async def test_ended_session_is_refused_at_once(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """The request after the commit that deletes a session is refused."""
    assert await _status(a_student) == 200
    await a_hub.database.write(lambda tx: tx.execute(delete(sessions).where(sessions.c.user_id == a_cast.student1.id)))
    assert await _status(a_student) == 401


async def test_banned_user_is_refused_at_once(a_hub: RunningHub, a_cast: Cast, a_student: Caller) -> None:
    """The request after the commit of a ban is refused."""
    assert await _status(a_student) == 200
    await a_hub.database.write(lambda tx: _ban(tx, a_cast.student1.id))
    assert await _status(a_student) == 401


async def test_lowered_role_counts_at_once(a_cast: Cast, an_admin: Caller, a_teacher: Caller) -> None:
    """A teacher who has become a student is refused what he could do a moment ago."""
    wanted = {"documentRootIds": []}
    assert (await a_teacher.post("/documents/multiple", wanted)).status_code == 200
    changed = await an_admin.put(f"/users/{a_cast.teacher.id}", {"data": {"role": "student"}})
    assert changed.status_code == 200
    assert (await a_teacher.post("/documents/multiple", wanted)).status_code == 403


async def test_expired_session_is_refused_at_once(
    a_hub: RunningHub, a_student: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that runs out while its holder is remembered has run out."""
    assert await _status(a_student) == 200
    later = clock.now() + 2 * clock.DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await _status(a_student) == 401


async def test_lost_permission_counts_at_once(
    a_hub: RunningHub, a_cast: Cast, a_student: Caller, a_teacher: Caller
) -> None:
    """Writing ends with the request that takes the permission away, not later."""
    scene = Scene(a_hub.database)
    root_id = await scene.root("RO", groups={a_cast.class_a: "RW"}, creator=a_cast.teacher)
    document_id = await scene.document(a_cast.student1, root_id)
    path = f"/documents/{document_id}"
    assert (await a_student.put(path, {"data": 1})).status_code == 204
    removed = await a_teacher.delete(f"/studentGroups/{a_cast.class_a}/members/{a_cast.student1.id}")
    assert removed.status_code in {200, 204}
    assert (await a_student.put(path, {"data": 2})).status_code == 403


async def test_change_by_another_process_counts_soon(
    a_hub: RunningHub, settings: Settings, a_cast: Cast, a_student: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this process has not written itself is noticed when the memory is too old."""
    assert await _status(a_student) == 200
    other = await Database.open(f"sqlite:///{Path(settings.data_dir) / 'hub.db'}")
    await other.write(lambda tx: _ban(tx, a_cast.student1.id))
    await other.close()
    assert 0 < known_actors.SECONDS <= 3
    monkeypatch.setattr(known_actors, "SECONDS", 0)
    assert await _status(a_student) == 401


async def test_requests_in_a_row_ask_once(
    a_hub: RunningHub, a_student: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is asked for a caller once, and again after a write that may concern people."""
    asked: list[str] = []
    from teaching_nb.hub.services import sessions as service

    original = service.actor_of_bearer

    def counting(tx: Connection, token: str, *, kind: str = "bearer") -> object:
        asked.append(kind)
        return original(tx, token, kind=kind)

    monkeypatch.setattr(service, "actor_of_bearer", counting)
    monkeypatch.setattr(known_actors, "SECONDS", 60)
    for _ in range(3):
        assert await _status(a_student) == 200
    assert asked == ["bearer"]
    await a_hub.database.write(_nothing, concerns_people=False)
    await _status(a_student)
    assert asked == ["bearer"]
    await a_hub.database.write(_nothing)
    await _status(a_student)
    assert asked == ["bearer"] * 2
