"""The clock is set back by hours while the hub runs: order, numbers and tokens do not follow it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import jwt.api_jwt
import pytest
from socketio.exceptions import ConnectionError  # noqa: A004 - its name

from teaching_nb import tokens
from teaching_nb.hub import clock
from teaching_nb.hub.config import Settings
from teaching_nb.hub.people import sessions
from teaching_nb.schema import wire
from teaching_nb.tokens import ASSERTION_SECONDS, mint_assertion
from tests.faults.school import School, copy_of
from tests.harness.cast import Caller, Person
from tests.harness.clocks import HOURS, WallClock
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.running_hub import SECRET, RunningHub, serving

STEPS = (0, -5 * HOURS, -9 * HOURS, 2 * HOURS, -30 * 24 * HOURS)
"""Where the clock stands, in seconds beside the true time, one after the other."""


@pytest.fixture
def a_clock(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    """Return the clock that the hub of this process looks at."""
    return WallClock(monkeypatch)


@pytest.fixture
async def a_hub(tmp_path: Path, a_seeded_school: tuple[Path, School]) -> AsyncIterator[RunningHub]:
    """Run a hub in the test's own event loop."""
    settings = Settings(data_dir=copy_of(a_seeded_school[0], tmp_path / "hub"), port=0, secret=SECRET)
    async with serving(settings) as hub:
        yield hub


@pytest.fixture
async def a_client(a_hub: RunningHub) -> AsyncIterator[httpx.AsyncClient]:
    """Return an HTTP client for the hub."""
    async with httpx.AsyncClient(base_url=a_hub.url, timeout=20) as client:
        yield client


async def main_document(client: httpx.AsyncClient, person: Person, root_id: str, **wish: Any) -> dict[str, Any]:
    """Return a person's main document below a root, or the one that is shared."""
    body = {"documentRootId": root_id, "type": "code", "data": {"code": person.name}, **wish}
    answer = await Caller(client, person).post("/documents/main", body)
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()
    return record


async def test_times_and_revisions_of_a_document_only_rise(
    a_hub: RunningHub, a_client: httpx.AsyncClient, a_clock: WallClock, a_school: School
) -> None:
    """However the clock is set, each change has a later time and a higher number than the one before."""
    person = a_school.cast.student1
    caller, listener = Caller(a_client, person), Listener(a_hub, person)
    await listener.connect()
    editor = Editor(listener, a_school.text_id)
    await editor.sync()
    seen: list[tuple[str, int]] = []
    for number, a_clock.offset in enumerate(STEPS):
        assert (await editor.write(f"live {number} "))["ok"]
        seen.append(stamp((await caller.get(f"/documents/{a_school.text_id}")).json()["document"]))
        answer = await caller.put(f"/documents/{a_school.text_id}", {"data": {"code": f"put {number}"}})
        assert answer.status_code == 204, answer.text
        await editor.receive()
        seen.append(stamp((await caller.get(f"/documents/{a_school.text_id}")).json()["document"]))
    await listener.disconnect()

    assert seen == sorted(set(seen))
    assert [revision for _, revision in seen] == list(range(2, 2 + len(seen)))


def stamp(record: dict[str, Any]) -> tuple[str, int]:
    """Return time and number of a record; times are compared as text, as browsers do."""
    return record["updatedAt"], record["revision"]


async def test_shared_document_stays_the_one_that_everybody_opens(
    a_client: httpx.AsyncClient, a_clock: WallClock, a_school: School
) -> None:
    """Documents that others create below the root after the clock was set back do not become the oldest."""
    cast, root_id = a_school.cast, wire.new_id()
    root = {"access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}
    shared = await main_document(a_client, cast.teacher, root_id, root=root, shared=True)

    own = []
    for person, a_clock.offset in zip((cast.student1, cast.student2, cast.student3), STEPS[1:], strict=False):
        own.append(await main_document(a_client, person, root_id))
        opened = await main_document(a_client, person, root_id, shared=True)
        assert opened["id"] == shared["id"]

    times = [shared["createdAt"], *(document["createdAt"] for document in own)]
    assert times == sorted(set(times))


async def test_whoever_was_away_learns_of_everything(
    a_client: httpx.AsyncClient, a_clock: WallClock, a_school: School
) -> None:
    """What changed, came and went while the clock stood earlier is told to those who know an older state."""
    caller, path = Caller(a_client, a_school.cast.student1), f"/documents/{a_school.record_id}"
    _, since = await missed(caller, a_school.root_id, None)
    for a_clock.offset in STEPS[1:]:
        created = await main_document(a_client, a_school.cast.student1, a_school.root_id, type=f"t{a_clock.offset}")
        assert (await caller.put(path, {"data": {"entries": [str(a_clock.offset)]}})).status_code == 204
        root, since = await missed(caller, a_school.root_id, since)
        assert {document["id"] for document in root["documents"]} == {created["id"], a_school.record_id}
        assert (await caller.delete(f"/documents/{created['id']}")).status_code == 204
        root, since = await missed(caller, a_school.root_id, since)
        assert (root["isComplete"], root["deleted"]) == (False, [created["id"]])


async def missed(caller: Caller, root_id: str, since: int | None) -> tuple[dict[str, Any], int]:
    """Ask what happened below a root; return that, and what to ask with the next time."""
    answer = await caller.post("/sync", {"roots": [{"id": root_id, "since": since}]})
    assert answer.status_code == 200, answer.text
    return answer.json()["roots"][0], answer.json()["since"]


async def test_one_time_tokens_and_assertions_hold_once(
    a_hub: RunningHub, a_client: httpx.AsyncClient, a_clock: WallClock, a_school: School
) -> None:
    """A clock that was set back revives neither what was used nor what was signed off, and locks nobody out."""
    person = a_school.cast.student1
    used, unused = [await one_time_token(a_client, person) for _ in range(2)]
    assertion = mint_assertion(SECRET, subject="kim", name="Kim", role="student")
    assert await may_connect(a_hub, person, used)
    assert (await a_client.get("/api/v1/user", headers=bearer(assertion))).status_code == 200

    a_clock.offset = -5 * HOURS
    fresh = mint_assertion(SECRET, subject="kim", name="Kim", role="student")

    assert not await may_connect(a_hub, person, used)
    assert await may_connect(a_hub, person, unused)
    assert not await may_connect(a_hub, person, unused)
    assert (await a_client.get("/api/v1/user", headers=bearer(assertion))).status_code == 401
    assert (await a_client.get("/api/v1/user", headers=bearer(fresh))).status_code == 200
    assert (await a_client.get("/api/v1/user", headers=person.headers)).status_code == 200


async def one_time_token(client: httpx.AsyncClient, person: Person) -> str:
    """Return a token that lets one socket in."""
    answer = await Caller(client, person).get("/api/auth/one-time-token/generate")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


async def may_connect(hub: RunningHub, person: Person, token: str) -> bool:
    """Tell whether a token opens a socket."""
    listener = Listener(hub, person)
    try:
        await listener.connect(auth={"token": token})
    except ConnectionError:
        return False
    await listener.disconnect()
    return True


def bearer(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


async def test_unused_one_time_token_lives_for_three_minutes(
    a_hub: RunningHub,
    a_client: httpx.AsyncClient,
    a_clock: WallClock,
    a_school: School,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clock that is set forward does not end it, and one that is set back does not prolong it."""
    person = a_school.cast.student1
    held, kept = [await one_time_token(a_client, person) for _ in range(2)]
    a_clock.offset = 5 * HOURS
    assert await may_connect(a_hub, person, held)

    a_clock.offset = -5 * HOURS
    passed = clock.steady() + sessions.ONE_TIME_MILLISECONDS
    monkeypatch.setattr(clock, "steady", lambda: passed)

    assert not await may_connect(a_hub, person, kept)


async def test_assertion_lives_for_half_a_minute(
    a_client: httpx.AsyncClient, a_clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is under way while the clock is set arrives, whichever way; an old one does not come to life."""
    for offset in (0, -5 * HOURS, 9 * HOURS):
        a_clock.offset = offset
        under_way = mint_assertion(SECRET, subject="kim", name="Kim", role="student")
        a_clock.offset = offset + 2 * HOURS
        assert (await a_client.get("/api/v1/user", headers=bearer(under_way))).status_code == 200
        a_clock.offset = offset - 4 * HOURS
        assert (await a_client.get("/api/v1/user", headers=bearer(under_way))).status_code == 401

    old = mint_assertion(SECRET, subject="kim", name="Kim", role="student")
    later = time.monotonic() + ASSERTION_SECONDS
    monkeypatch.setattr(tokens, "time", SimpleNamespace(monotonic=lambda: later))
    a_clock.offset = 0

    assert (await a_client.get("/api/v1/user", headers=bearer(old))).status_code == 401


def test_the_clock_of_these_tests_is_the_hubs(a_clock: WallClock) -> None:
    """Setting it moves the times that the hub stores, and those that signatures are checked at."""
    before = clock.now()
    a_clock.offset = -5 * HOURS

    assert before - clock.now() > 4 * HOURS * 1_000
    assert datetime.now(tz=UTC).timestamp() - vars(jwt.api_jwt)["datetime"].now(tz=UTC).timestamp() > 4 * HOURS
