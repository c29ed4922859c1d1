"""A process that does not hear the others delivers nothing, says so, and recovers; what cannot serve refuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select

from teaching_nb.errors import ConfigurationError, Unavailable
from teaching_nb.hub import app
from teaching_nb.hub.bell.hearing import DEAF_SECONDS, Hearing
from teaching_nb.hub.config import Settings
from teaching_nb.hub.store.tables import documents
from teaching_nb.schema import events
from tests.harness.cast import Caller, Cast, Person
from tests.harness.editors import Editor
from tests.harness.postgresql import PostgresqlServer
from tests.harness.running_hub import RunningHub, serving
from tests.hub.bell.test_live_rooms import take_in

pytestmark = pytest.mark.usefixtures("late_loss")

Hubs = tuple[RunningHub, RunningHub]
Call = Callable[[RunningHub, Person], Caller]


class Deaf:
    """Makes one hub deaf, as if its connection passed nothing on."""

    def __init__(self, hub: RunningHub, patch: pytest.MonkeyPatch) -> None:
        assert hub.hub._bell is not None
        self._bell = hub.hub._bell
        self._patch = patch
        patch.setattr(self._bell._line, "open", self._refuse)
        patch.setattr(self._bell._line, "ring", self._refuse)
        # Heard nothing for as long as that.
        self._bell.hearing._heard_at -= DEAF_SECONDS

    async def _refuse(self, *_: object) -> None:
        raise Unavailable("nobody is on the line")

    async def cure(self) -> None:
        """Let it hear again; returns when it has caught up."""
        self._patch.undo()
        async with asyncio.timeout(10):
            await self._bell.hearing.wait()


async def status(hub: RunningHub) -> tuple[int, str]:
    """Return what a hub says of its health."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{hub.url}/api/v1/health")
    return answer.status_code, answer.text


async def test_deaf_process_says_so_and_delivers_nothing_until_it_has_caught_up(
    two_hubs: Hubs, people: Cast, *, call: Call, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has lost access meanwhile never hears what was held back; whoever has it hears all of it."""
    ada, bob = editors
    record = (await call(two_hubs[0], people.student1).get(f"/documents/{ada.document_id}")).json()["document"]
    deaf = Deaf(two_hubs[1], monkeypatch)
    assert (await status(two_hubs[0]))[0] == 200
    code, sentence = await status(two_hubs[1])

    answer = await bob.write("stored all the same ")
    await ada.write("secret ")
    body = {"documentRootId": record["documentRootId"], "userId": people.student2.id, "access": "None_User"}
    await call(two_hubs[0], people.admin).post("/permissions/user", body)
    await deaf.cure()

    assert code == 503
    assert re.search(r"has not heard the others through PostgreSQL for \d+ s", sentence)
    assert answer["ok"]
    assert (await bob.listener.hears(events.DOCUMENT_CLOSED))["reason"] == "access"
    assert bob.listener.tally[events.DOCUMENT_UPDATE] == 0
    assert (await status(two_hubs[1]))[0] == 200
    await take_in(ada, "stored all the same ")


async def test_deaf_process_catches_up_with_everything(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the silence both sides have the same text."""
    ada, bob = editors
    deaf = Deaf(two_hubs[1], monkeypatch)
    await ada.write("one ")
    await bob.write("two ")
    assert bob.listener.tally[events.DOCUMENT_UPDATE] == 0

    await deaf.cure()

    await take_in(bob, "one ")
    await take_in(ada, "two ")
    assert ada.text == bob.text


async def test_process_that_was_deaf_for_too_long_begins_anew(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others may have forgotten it: its sockets end, and come back to ask for what they have missed."""
    ada, bob = editors
    deaf = Deaf(two_hubs[1], monkeypatch)
    assert two_hubs[1].hub._bell is not None
    two_hubs[1].hub._bell.hearing._heard_at -= 200

    await deaf.cure()

    await bob.listener.ended()
    assert not ada.listener.is_disconnected.is_set()


def test_hearing_is_believed_only_after_everything_was_read_anew() -> None:
    """To hear oneself again is not enough: what was missed is not known by that."""
    now = 0.0
    hearing = Hearing(lambda: now)
    assert not hearing.is_deaf

    now = DEAF_SECONDS + 0.1
    assert (hearing.is_deaf, hearing.hears_again) == (True, False)
    hearing.heard()
    assert (hearing.is_deaf, hearing.hears_again, hearing.longest) == (True, True, now)
    hearing.recovered()
    assert (hearing.is_deaf, hearing.longest) == (False, 0.0)


def test_silence_that_nobody_has_noticed_counts() -> None:
    """A process that was stopped for a while hears first of all what it had rung before."""
    now = 0.0
    hearing = Hearing(lambda: now)

    now = 60.0
    hearing.heard()

    assert hearing.is_deaf


async def test_what_a_killed_process_has_not_written_back_another_one_does(
    two_hubs: Hubs, editors: tuple[Editor, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to read the document for that: those who do not follow it live are told its newest data, too."""
    ada, bob = editors
    first, second = two_hubs
    killed, other = first.hub._bell, second.hub._bell
    assert killed is not None
    assert other is not None
    monkeypatch.setattr(first.live.write_back, "note", lambda _document: None)
    await ada.write("left behind ")
    await take_in(bob, "left behind ")

    for task in list(killed._tasks):
        task.cancel()
    other._elsewhere.neighbours._heard[killed._elsewhere.process] -= 60

    query = select(documents.c.data).where(documents.c.id == ada.document_id)
    async with asyncio.timeout(10):
        while (await second.database.read(lambda tx: tx.execute(query).scalar_one()))["code"] != bob.text:
            await asyncio.sleep(0.05)


async def test_hub_of_another_version_is_refused_in_one_sentence(
    shared_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would not understand what this one stores; nothing is upgraded under the hands of the other one."""
    async with serving(shared_settings):
        monkeypatch.setattr(app, "version", lambda: "99.1")
        with pytest.raises(ConfigurationError, match=r"serves this database, and this one is of version 99\.1: stop"):
            async with serving(shared_settings):
                pass


async def test_database_that_cannot_be_used_is_named_with_the_reason(
    a_postgresql: PostgresqlServer, shared_settings: Settings
) -> None:
    """Nobody there, no such account or database: one sentence, which says what PostgreSQL says."""
    good = a_postgresql.url("nothing_of_this_name")
    for url, kind, reason in (
        (good, ConfigurationError, 'refuses the connection: .*database "nothing_of_this_name" does not exist'),
        (good.replace("tests@", "nobody@"), ConfigurationError, 'refuses the connection: .*role "nobody"'),
        ("postgresql://tests@127.0.0.1:1/x", Unavailable, "cannot be reached: .*"),
    ):
        settings = Settings(data_dir=shared_settings.data_dir, port=0, database=url)
        with pytest.raises(kind, match=reason):
            async with serving(settings):
                pass
