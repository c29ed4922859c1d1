"""Every event of the socket with every kind of nonsense: the hub answers, lives on and stores nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from teaching_nb.hub.store.database import Database
from teaching_nb.schema import wire
from tests.harness.cast import Cast
from tests.harness.hub_process import HubProcess, hub_process
from tests.harness.raw_socket import RawSocket, event_frames, raw_socket
from tests.hub.crdt.test_fuzz_updates import nested
from tests.hub.scenes import Scene

ROOM_EVENTS = ("JOIN_ROOM", "LEAVE_ROOM", "ACTION", "STREAM_UPDATE")
LIVE_EVENTS = ("SYNC_DOCUMENT", "UPDATE_DOCUMENT", "LEAVE_DOCUMENT", "AWARENESS")
ATTACKERS = ("student1", "teacher", "admin")
INSIDE = ("Traceback", "sqlalchemy", "sqlite", "SELECT ", 'File "', "site-packages", ".py")
"""Words that no answer may hold."""
CONTENT = ("documents", "document_roots", "student_groups", "memberships", "user_permissions", "group_permissions")

SENT_BEFORE: tuple[tuple[str, str, str, str, bool], ...] = (
    ("student1", "malformed room id", "JOIN_ROOM", '"not-a-uuid"', True),
    ("student1", "room 'all'", "JOIN_ROOM", '"all"', True),
    ("student1", "null", "JOIN_ROOM", "null", True),
    ("student1", "no room", "JOIN_ROOM", "", True),
    ("student1", "own group, no acknowledgement", "JOIN_ROOM", '"CLASS"', False),
    ("student1", "unknown id, no acknowledgement", "JOIN_ROOM", '"UNKNOWN"', False),
    ("student1", "leaves a malformed room id", "LEAVE_ROOM", '"not-a-uuid"', True),
    ("student1", "leaves, no acknowledgement", "LEAVE_ROOM", '"CLASS"', False),
    ("student1", "without a payload", "STREAM_UPDATE", "", False),
    ("student1", "null", "STREAM_UPDATE", "null", False),
    ("student1", "a number", "STREAM_UPDATE", "42", False),
    ("teacher", "room 'all'", "JOIN_ROOM", '"all"', True),
    ("teacher", "leaves, no acknowledgement", "LEAVE_ROOM", '"CLASS"', False),
    ("teacher", "without lists", "ACTION", "{}", True),
    ("teacher", "to 'all'", "ACTION", '{"action":"x","roomIds":["all"],"userIds":[]}', True),
    ("teacher", "no acknowledgement", "ACTION", '{"action":"x","roomIds":["CLASS"],"userIds":[]}', False),
    ("teacher", "null", "ACTION", "null", True),
    ("admin", "without lists", "ACTION", "{}", True),
    ("admin", "no acknowledgement", "ACTION", '{"action":"x","roomIds":["CLASS"],"userIds":[]}', False),
    ("admin", "joins, no acknowledgement", "JOIN_ROOM", '"CLASS"', False),
    ("admin", "leaves, no acknowledgement", "LEAVE_ROOM", '"CLASS"', False),
    ("admin", "object as room", "JOIN_ROOM", "{}", True),
)
"""The messages of which most end the existing backend: sender, what it is, event, arguments, whether acknowledged."""


class Ring:
    """A hub process with a connection of each attacker, and of somebody who must not notice."""

    def __init__(self, runner: asyncio.Runner, cast: Cast, directory: Path) -> None:
        self._runner = runner
        self.cast = cast
        self._directory = directory
        self._stack = AsyncExitStack()
        self.ids = {"CLASS": cast.class_a, "UNKNOWN": wire.new_id(), "VICTIM": cast.student2.id}
        self.sockets: dict[str, RawSocket] = {}
        self.url = ""

    def open(self) -> None:
        """Start the hub and connect everybody."""
        self._runner.run(self._open())

    def close(self) -> None:
        """End the hub; it must end in good order."""
        self._runner.run(self._stack.aclose())

    def send(self, person: str, event: str, arguments: str, attachments: tuple[bytes, ...], *, asks: bool) -> str:
        """Send an event, and return the acknowledgement if one is asked for; then check that all is well."""
        for word, id_ in self.ids.items():
            arguments = arguments.replace(word, id_)
        return self._runner.run(self._send(person, f'"{event}",{arguments}'.rstrip(","), attachments, asks=asks))

    def stored(self) -> list[Any]:
        """Return everything that people have stored."""
        with contextlib.closing(sqlite3.connect(f"file:{self._directory / 'hub.db'}?mode=ro", uri=True)) as db:
            found = [db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in CONTENT]  # noqa: S608 - names from above
            return [*found, db.execute("SELECT * FROM live_updates WHERE number > 0").fetchall()]

    async def _open(self) -> None:
        database = await Database.open(f"sqlite:///{self._directory / 'hub.db'}")
        scene = Scene(database)
        self.ids["ROOT"] = await scene.root("RO", "RO")
        self.ids["HIDDEN"] = await scene.document(self.cast.student2, await scene.root("RW"))
        self.ids["READABLE"] = await scene.document(self.cast.student2, self.ids["ROOT"])
        await database.close()
        hub = self._stack.enter_context(hub_process(self._directory))
        self._stack.callback(_ends_well, hub)
        self.url = hub.url
        for name in (*ATTACKERS, "student2"):
            self.sockets[name] = await self._stack.enter_async_context(
                raw_socket(hub.url, self.cast.named(name).headers)
            )

    async def _send(self, person: str, arguments: str, attachments: tuple[bytes, ...], *, asks: bool) -> str:
        socket = self.sockets[person]
        answer = ""
        if asks:
            answer = await socket.ask(arguments, attachments)
        else:
            await socket.send(*event_frames(arguments, attachments))
        for each in (socket, self.sockets["student2"]):
            assert await each.ask(f'"JOIN_ROOM","{self.cast.class_a}"') == "[true]"
            told = "".join(map(str, each.frames))
            assert not [word for word in INSIDE if word in told]
            each.frames.clear()
        return answer


def _ends_well(hub: HubProcess) -> None:
    assert hub.stop() == 0


@pytest.fixture(scope="module")
def a_ring(tmp_path_factory: pytest.TempPathFactory, a_seeded_file: tuple[Path, Cast]) -> Iterator[Ring]:
    """Return a hub process under attack; it must answer and end well at the end of all attacks."""
    directory = tmp_path_factory.mktemp("ring")
    shutil.copy(a_seeded_file[0], directory / "hub.db")
    with asyncio.Runner() as runner:
        ring = Ring(runner, a_seeded_file[1], directory)
        ring.open()
        yield ring
        assert httpx.get(f"{ring.url}/api/v1/health", timeout=30).json()["status"] == "ok"
        ring.close()


@pytest.mark.parametrize(
    "message", SENT_BEFORE, ids=[f"{sender} {event}, {what}" for sender, what, event, _, _ in SENT_BEFORE]
)
def test_messages_that_end_the_existing_backend_are_answered(
    a_ring: Ring, message: tuple[str, str, str, str, bool]
) -> None:
    """Each is refused or done, acknowledged if that was asked for, and everybody stays connected."""
    sender, _, event, arguments, asks = message

    answer = a_ring.send(sender, event, arguments, (), asks=asks)

    is_done = event == "ACTION" and "roomIds" in arguments
    assert answer == (f"[{json.dumps(is_done)}]" if asks else "")


words = st.sampled_from(["CLASS", "UNKNOWN", "VICTIM", "ROOT", "HIDDEN", "READABLE", "all", "admin", "", "x", "null"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | words,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5) | words, inside, max_size=3),
    max_leaves=6,
)
payloads = st.fixed_dictionaries(
    {},
    optional={
        "id": words | values,
        "roomId": words | values,
        "roomIds": st.lists(words) | values,
        "userIds": st.lists(words) | values,
        "action": values,
        "data": values,
        "meta": values,
        "stateVector": values,
        "update": values,
        "state": values,
    },
)
texts = st.one_of(
    st.lists(values | payloads, max_size=4).map(lambda arguments: json.dumps(arguments)[1:-1]),
    st.integers(1, 900_000).map(lambda size: json.dumps("x" * size)),
    st.integers(1, 100_000).map(lambda depth: "[" * depth + "]" * depth),
    st.integers(1, 20_000).map(lambda depth: '{"roomId":' * depth + "1" + "}" * depth),
)
noise = st.one_of(st.binary(max_size=80), st.binary(min_size=300, max_size=5_000), st.just(b"\xff" * 30))

PROFILE = hypothesis_settings(
    max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_no_payload_harms_the_hub_or_is_stored(a_ring: Ring) -> None:
    """JSON of every shape, size and depth to every event: acknowledged when asked, and nothing is stored."""
    before = a_ring.stored()

    @PROFILE
    @given(st.sampled_from(ATTACKERS), st.sampled_from([*ROOM_EVENTS, *LIVE_EVENTS]), texts, st.booleans())
    def attack(person: str, event: str, arguments: str, asks: bool) -> None:  # noqa: FBT001 - drawn
        a_ring.send(person, event, arguments, (), asks=asks)

    attack()
    assert a_ring.stored() == before


def test_no_bytes_harm_the_hub_or_are_stored(a_ring: Ring) -> None:
    """Bytes where an update, a state vector or a cursor belongs: acknowledged when asked, and nothing is stored."""
    before = a_ring.stored()
    key = {"SYNC_DOCUMENT": "stateVector", "UPDATE_DOCUMENT": "update", "AWARENESS": "state", "LEAVE_DOCUMENT": "x"}

    @PROFILE
    @given(
        st.sampled_from(ATTACKERS), st.sampled_from(LIVE_EVENTS), st.sampled_from(["HIDDEN", "READABLE", "UNKNOWN"]),
        noise, st.booleans(),
    )  # fmt: skip
    def attack(person: str, event: str, document: str, bytes_: bytes, asks: bool) -> None:  # noqa: FBT001 - drawn
        placeholder = {"_placeholder": True, "num": 0}
        arguments = json.dumps({"id": document, key[event]: placeholder})
        a_ring.send(person, event, arguments, (bytes_,), asks=asks)

    attack()
    assert a_ring.stored() == before


@pytest.mark.parametrize("levels", [1_000, 30_000, 400_000])
def test_an_edit_nested_without_end_does_not_end_the_hub(a_ring: Ring, levels: int) -> None:
    """A writer's edit that the library would not survive is refused, and their document stays as it is."""
    headers = a_ring.cast.student1.headers
    root = f"{a_ring.url}/api/v1/documentRoots/{wire.new_id()}"
    root_id = httpx.post(root, json={}, headers=headers, timeout=30).json()["id"]
    body = {"type": "code", "documentRootId": root_id, "data": {"code": "x"}}
    own = httpx.post(f"{a_ring.url}/api/v1/documents", json=body, headers=headers, timeout=30).json()["id"]
    arguments = json.dumps({"id": own, "update": {"_placeholder": True, "num": 0}})

    answer = a_ring.send("student1", "UPDATE_DOCUMENT", arguments, (nested(levels),), asks=True)

    assert "nested too deeply" in answer
    assert (
        httpx.get(f"{a_ring.url}/api/v1/documents/{own}", headers=headers, timeout=30).json()["document"]["data"]
        == body["data"]
    )


@pytest.mark.parametrize("levels", [202, 480, 938, 939, 5_000])
def test_data_nested_too_deeply_is_refused_before_it_is_stored(a_ring: Ring, levels: int) -> None:
    """What could be stored but not passed on or read back is refused by REST, and leaves no trace."""
    headers = {**a_ring.cast.student1.headers, "content-type": "application/json"}
    root_id = wire.new_id()
    httpx.post(f"{a_ring.url}/api/v1/documentRoots/{root_id}", json={}, headers=headers, timeout=30)
    data = "[" * levels + "]" * levels
    body = f'{{"type":"code","documentRootId":"{root_id}","data":{data}}}'

    answer = httpx.post(f"{a_ring.url}/api/v1/documents", content=body, headers=headers, timeout=30)

    assert answer.status_code == 400
    assert "nested too deeply" in answer.text
    assert (
        httpx.get(f"{a_ring.url}/api/v1/documentRoots/{root_id}", headers=headers, timeout=30).json()["documents"] == []
    )
