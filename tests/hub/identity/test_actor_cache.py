"""Remembering who holds a token: whatever takes a right away counts at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Collection
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, delete, select, update

from teaching_nb import tokens
from teaching_nb.errors import Unauthorized, Unavailable
from teaching_nb.hub import clock
from teaching_nb.hub.config import Settings
from teaching_nb.hub.identity import actor_cache, credential_owners
from teaching_nb.hub.identity.actor_cache import Key
from teaching_nb.hub.identity.credential_owners import CredentialOwner
from teaching_nb.hub.identity.credentials import _FEW_NONCES
from teaching_nb.hub.people.sessions import create_bearer, token_hash
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.tables import documents, sessions, users
from teaching_nb.schema import wire
from teaching_nb.tokens import Assertion, mint_assertion
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import SECRET, RunningHub
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
    """A teacher who has become a student is refused what they could do a moment ago."""
    wanted: dict[str, list[str]] = {"documentRootIds": []}
    assert (await a_teacher.post("/documents/multiple", wanted)).status_code == 200
    changed = await an_admin.put(f"/users/{a_cast.teacher.id}", {"data": {"role": "student"}})
    assert changed.status_code == 200
    assert (await a_teacher.post("/documents/multiple", wanted)).status_code == 403


async def test_expired_session_is_refused_at_once(
    a_hub: RunningHub, a_student: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that runs out while its owner is remembered has run out."""
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
    assert 0 < actor_cache.SECONDS <= 3
    monkeypatch.setattr(actor_cache, "SECONDS", 0)
    assert await _status(a_student) == 401


async def test_requests_in_a_row_ask_once(
    a_hub: RunningHub, a_student: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is asked for a caller once, and again after a write that may concern people."""
    asked: list[int] = []
    original = credential_owners.of_tokens

    def counting(tx: Connection, hashes: Collection[str]) -> dict[tuple[str, str], CredentialOwner]:
        asked.append(len(hashes))
        return original(tx, hashes)

    monkeypatch.setattr(credential_owners, "of_tokens", counting)
    monkeypatch.setattr(actor_cache, "SECONDS", 60)
    for _ in range(3):
        assert await _status(a_student) == 200
    assert asked == [1]
    await a_hub.database.write(_nothing, invalidates_access=False)
    await _status(a_student)
    assert asked == [1]
    await a_hub.database.write(_nothing)
    await _status(a_student)
    assert asked == [1, 1]


async def test_callers_of_a_class_are_asked_for_together(
    a_hub: RunningHub, a_cast: Cast, a_client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests that come while the database is asked share the next question, each token once."""
    people = [a_cast.admin, a_cast.teacher, a_cast.student1, a_cast.student2, a_cast.student3]
    asked: list[int] = []
    is_asking, may_answer = threading.Event(), threading.Event()
    original = credential_owners.of_tokens

    def slow(tx: Connection, hashes: Collection[str]) -> dict[tuple[str, str], CredentialOwner]:
        asked.append(len(hashes))
        is_asking.set()
        assert may_answer.wait(20)
        return original(tx, hashes)

    monkeypatch.setattr(credential_owners, "of_tokens", slow)
    credentials = a_hub.context.credentials
    first = asyncio.create_task(credentials.authenticate(a_cast.teacher2.headers["Authorization"]))
    assert await asyncio.to_thread(is_asking.wait, 20)
    others = [asyncio.create_task(credentials.authenticate(one.headers["Authorization"])) for one in people * 3]
    given_up = asyncio.create_task(credentials.authenticate("Bearer nobody"))
    await asyncio.sleep(0)
    given_up.cancel()
    may_answer.set()

    assert (await first).user_id == a_cast.teacher2.id
    assert [actor.user_id for actor in await asyncio.gather(*others)] == [one.id for one in people * 3]
    assert asked == [1, len(people) + 1]
    assert (await a_client.get("/api/v1/user", headers={"Authorization": "Bearer nobody"})).status_code == 401


async def test_request_after_a_ban_is_not_answered_from_before(
    a_hub: RunningHub, a_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question that was under way when the ban was stored is nobody's answer who comes later."""
    is_asking, may_answer = threading.Event(), threading.Event()
    original = credential_owners.of_tokens

    def slow(tx: Connection, hashes: Collection[str]) -> dict[tuple[str, str], CredentialOwner]:
        found = original(tx, hashes)
        is_asking.set()
        assert may_answer.wait(20)
        return found

    monkeypatch.setattr(credential_owners, "of_tokens", slow)
    header = a_cast.student1.headers["Authorization"]
    credentials = a_hub.context.credentials
    before = asyncio.create_task(credentials.authenticate(header))
    assert await asyncio.to_thread(is_asking.wait, 20)
    await a_hub.database.write(lambda tx: _ban(tx, a_cast.student1.id))
    after = asyncio.create_task(credentials.authenticate(header))
    await asyncio.sleep(0)
    may_answer.set()

    assert (await before).user_id == a_cast.student1.id
    with pytest.raises(Unauthorized, match="banned"):
        await after
    with pytest.raises(Unauthorized, match="banned"):
        await credentials.authenticate(header)


async def test_failing_database_is_told_to_all_who_ask(
    a_hub: RunningHub, a_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And to nobody later, when it works again."""

    def broken(*_arguments: object) -> None:
        raise Unavailable("no disk")

    people = (a_cast.student1, a_cast.student2)
    credentials = a_hub.context.credentials
    with monkeypatch.context() as patch:
        patch.setattr(credential_owners, "of_tokens", broken)
        questions = (credentials.authenticate(one.headers["Authorization"]) for one in people)
        results = await asyncio.gather(*questions, return_exceptions=True)

    assert [type(one) for one in results] == [Unavailable] * 2
    assert (await credentials.authenticate(a_cast.student1.headers["Authorization"])).user_id == a_cast.student1.id


def _assertion(*, name: str = "Ada", role: str = "student") -> str:
    return f"Bearer {mint_assertion(SECRET, subject='ada', name=name, role=role)}"


async def test_account_of_the_jupyter_server_is_asked_for_once(
    a_hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request has an assertion of its own, but the user behind it is remembered."""
    monkeypatch.setattr(actor_cache, "SECONDS", 60)
    asked: list[int] = []
    original = credential_owners.of_subjects

    def counting(tx: Connection, subjects: Collection[str]) -> dict[str, CredentialOwner]:
        asked.append(len(subjects))
        return original(tx, subjects)

    credentials = a_hub.context.credentials
    created = await credentials.authenticate(_assertion())
    monkeypatch.setattr(credential_owners, "of_subjects", counting)
    assert [await credentials.authenticate(_assertion()) for _ in range(3)] == [created] * 3
    assert asked == [1]


async def test_what_the_jupyter_server_says_of_an_account_counts_at_once(a_hub: RunningHub) -> None:
    """Another role or name than the remembered one is stored; a ban shuts the account out."""
    credentials = a_hub.context.credentials
    ada = await credentials.authenticate(_assertion())
    assert (await credentials.authenticate(_assertion(role="teacher"))).role == "teacher"
    assert (await credentials.authenticate(_assertion())).role == "student"
    assert (await credentials.authenticate(_assertion(name="Ada L"))).name == "Ada L"
    await a_hub.database.write(lambda tx: _ban(tx, ada.user_id))
    for name in ("Ada L", "Ada"):
        with pytest.raises(Unauthorized, match="banned"):
            await credentials.authenticate(_assertion(name=name))


async def test_assertions_are_remembered_until_they_have_expired(
    a_hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that could still be used is refused however many came since; those of the past do not pile up."""
    monkeypatch.setattr(tokens, "ASSERTION_SECONDS", 60)
    credentials, living = a_hub.context.credentials, _assertion()
    await credentials.authenticate(living)
    expired = time.monotonic() - 1

    for number in range(5 * _FEW_NONCES):
        old = Assertion(subject="ada", name="Ada", role="student", nonce=f"{number}", expires_at=expired)
        credentials._use_up(old)

    assert len(credentials._nonces) <= _FEW_NONCES
    with pytest.raises(Unauthorized, match="used before"):
        await credentials.authenticate(living)


async def test_answers_that_are_not_asked_for_again_are_forgotten(
    a_hub: RunningHub, a_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each session has a token of its own, and is never asked for again after its end."""
    monkeypatch.setattr(actor_cache, "_FEW", 10)
    known, person = actor_cache.ActorCache(a_hub.database), a_cast.student1
    minted = [await a_hub.database.write(lambda tx: create_bearer(tx, person.id, days=1)) for _ in range(40)]

    sizes = []
    for token in minted:
        assert await known.owner(Key("bearer", token_hash(token))) is not None
        await a_hub.database.write(_nothing)
        sizes.append(len(known._entries))

    assert sizes[:3] == [1, 2, 3]
    assert max(sizes) <= 10


@pytest.mark.on_both_databases
async def test_account_that_another_process_has_removed_gets_no_failure(
    a_hub: RunningHub, a_seeded_database: tuple[str, Cast], a_cast: Cast, a_student: Caller
) -> None:
    """The hub may take them for known a moment longer; what they write then is refused in words, and stores nothing."""
    assert (await a_student.get("/user")).status_code == 200
    other = await Database.open(a_seeded_database[0])
    await other.write(lambda tx: tx.execute(delete(users).where(users.c.id == a_cast.student1.id)))
    await other.close()

    body = {"documentRootId": wire.new_id(), "type": "code", "data": {}, "root": {}}
    answers = [await a_student.post("/documents/main", body) for _ in range(2)]

    assert [answer.status_code for answer in answers] in ([503, 401], [401, 401])
    assert (await a_hub.database.read(lambda tx: tx.execute(select(documents.c.id)).all())) == []
