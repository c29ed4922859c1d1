"""What requests and edits cost a hub whose database holds so many documents."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import figures
import pycrdt
import scaling_school
import socketio
from scaling_meter import Meter
from scaling_school import School
from write_targets import Running, Target

from tests.harness.hub_process import HUB

_PLACES = 4
"""Places that a list, and whoever comes back, asks about: as many as the smallest school has."""
_ANSWER_SECONDS = 60.0
_BATCHES = 5
_WARM_UP = 20
"""Letters typed before they are measured."""


START = "start of the hub"
OPEN = "open a document"
PUT = "change a document (PUT)"
MAKE = "make a document"
LIST = f"a teacher's list of {_PLACES * scaling_school.STUDENTS} documents in {_PLACES} places"
CATCH_UP = f"come back and ask what was missed in {_PLACES} places"
ADMIN_SLUGS = "slugs that an admin may read"
OPEN_LIVE = "open a live text"
TYPE = "type a letter"
REMOVE = "remove a person"


@dataclass(frozen=True)
class Cost:
    """What one thing costs."""

    what: str
    times: int
    cpu: float
    """Milliseconds of the processor for one: the median of some batches."""
    median: float
    """Milliseconds until its answer."""


@dataclass(frozen=True)
class Documents:
    """A hub with so many documents."""

    documents: int
    live: int
    file: int
    """Bytes of the database."""
    without_logs: int
    """Bytes that the documents and their versions take."""
    per_document: float
    """Bytes of a document with its share of people and places, but without log and history."""
    per_log: float
    """Bytes of the log of a live text."""
    per_merged_log: float
    """Bytes of the same log merged into one entry, as the hub does with a long one."""
    per_history: float
    """Bytes of its versions."""
    per_open_text: float
    """Kilobytes of memory for a live text that is open."""
    memory: float
    """Megabytes of the hub after all requests."""
    costs: list[Cost]


def measured(folder: Path, number: int, *, rounds: int, core: int | None) -> Documents:
    """Make a school of so many documents, start a hub on it, and measure each request so many times."""
    folder.mkdir()
    school = scaling_school.build(folder, number)
    size = scaling_school.size_of(folder)
    limits = ["--user-writes-per-second", "0", "--user-documents", "0", "--documents-per-hour", "0"]
    command = [*HUB, "serve", "--port", "0", *limits, "--data-dir", str(folder)]
    target = Target("hub", command, [], "")
    costs = [_start(target, folder, core)]
    with target.running(folder / "hub.log", core=core) as server:
        meter = Meter(server.process.pid)
        # First, for what requests leave free in the process would hide what open texts take.
        live, per_open_text = asyncio.run(_live(server, school, meter, rounds))
        requests = _Requests(server.url, school, meter, rounds)
        costs += [*requests.costs(), *live]
        costs += requests.last_costs()
        memory = server.memory() / 1e6
    return Documents(
        documents=school.documents,
        live=school.live,
        file=size,
        without_logs=school.bytes_of["documents"] + school.bytes_of["versions"],
        per_document=school.bytes_of["documents"] / school.documents,
        per_log=school.bytes_of["logs"] / school.live,
        per_merged_log=school.merged_bytes,
        per_history=school.bytes_of["versions"] / school.live,
        per_open_text=per_open_text,
        memory=memory,
        costs=costs,
    )


def table(schools: Sequence[Documents]) -> str:
    """Return what each request costs with how many documents: processor time, and the median of the answers."""
    head = ["CPU ms (ms until the answer)", *(f"{school.documents:,}" for school in schools)]
    by_what = [{cost.what: cost for cost in school.costs} for school in schools]
    rows = [[what, *(f"{costs[what].cpu:.2f} ({costs[what].median:.1f})" for costs in by_what)] for what in by_what[0]]
    return figures.table(head, rows)


def sizes_table(schools: Sequence[Documents]) -> str:
    """Return what the documents take."""
    head = ["documents", "live", "file MB", "a document kB", "a log kB", "merged", "a history kB", "open kB", "hub MB"]
    rows = [
        [
            f"{school.documents:,}",
            f"{school.live:,}",
            f"{school.file / 1e6:.1f}",
            f"{school.per_document / 1e3:.2f}",
            f"{school.per_log / 1e3:.1f}",
            f"{school.per_merged_log / 1e3:.2f}",
            f"{school.per_history / 1e3:.2f}",
            f"{school.per_open_text:.0f}",
            f"{school.memory:.0f}",
        ]
        for school in schools
    ]
    return figures.table(head, rows)


def _start(target: Target, folder: Path, core: int | None) -> Cost:
    """Return what the hub uses until it listens: median of three starts."""
    used, took = [], []
    for _ in range(3):
        began = time.perf_counter()
        with target.running(folder / "start.log", core=core) as server:
            took.append((time.perf_counter() - began) * 1_000)
            used.append(Meter(server.process.pid).cpu_seconds() * 1_000)
    return Cost(START, len(used), statistics.median(used), statistics.median(took))


class _Caller:
    """Somebody with a connection of their own."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_ANSWER_SECONDS)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> bytes:
        """Send a request and return the answer; raises `RuntimeError` when it is refused."""
        content = None if body is None else json.dumps(body)
        path = path if path.startswith("/api") else f"/api/v1{path}"
        try:
            self._connection.request(method, path, content, self._headers)
            answer = self._connection.getresponse()
        except ConnectionError:
            # The hub lets go of connections on which nobody has asked for some seconds.
            self._connection.close()
            self._connection.request(method, path, content, self._headers)
            answer = self._connection.getresponse()
        received = answer.read()
        if answer.status not in {200, 204}:
            raise RuntimeError(f"{method} {path}: {answer.status} {received[:300]!r}")
        return received


class _Requests:
    """The requests of one class in its school."""

    def __init__(self, url: str, school: School, meter: Meter, rounds: int) -> None:
        self._meter = meter
        self._rounds = rounds
        self._numbers = itertools.count()
        self._class = school.last_class
        self._stored = school.places("stored")[0]
        self._roots = [place.root_id for place in self._class.places[:_PLACES]]
        self._student = _Caller(url, school.tokens[self._class.student_ids[0]])
        self._teacher = _Caller(url, school.tokens[self._class.teacher_id])
        self._admin = _Caller(url, school.tokens[school.admin_id])

    def costs(self) -> list[Cost]:
        """Measure everything."""
        known = json.loads(self._student.ask("POST", "/sync", self._missed(None)))
        missed = self._missed(known["since"])
        root_id, ids = self._stored.root_id, itertools.cycle(self._stored.document_ids)
        wanted = {"documentRootId": root_id, "type": "code", "data": {"code": ""}}
        own, roots = f"/documents/{self._stored.document_ids[0]}", {"documentRootIds": self._roots}
        many, few = self._rounds, max(2, self._rounds // 10)
        student, teacher, admin = self._student.ask, self._teacher.ask, self._admin.ask
        return [
            self._cost(OPEN, many, lambda: teacher("GET", f"/documents/{next(ids)}")),
            self._cost("open one's main document", many, lambda: student("POST", "/documents/main", wanted)),
            self._cost(PUT, many, lambda: student("PUT", own, self._new())),
            self._cost(MAKE, few * 2, lambda: student("POST", "/documents", {**wanted, **self._new()})),
            self._cost(LIST, few * 2, lambda: teacher("POST", "/documents/multiple", roots)),
            self._cost(CATCH_UP, many, lambda: student("POST", "/sync", missed)),
            self._cost("slugs that a student may read", few, lambda: student("GET", "/rootNames")),
            self._cost("slugs that a teacher may read", few, lambda: teacher("GET", "/rootNames")),
            self._cost(ADMIN_SLUGS, few, lambda: admin("GET", "/rootNames")),
            self._cost("all people, for a teacher", few, lambda: teacher("GET", "/users")),
        ]

    def last_costs(self) -> list[Cost]:
        """Measure what takes people away."""
        gone = iter(self._class.student_ids[1:])
        path = "/api/auth/admin/remove-user"
        return [self._cost(REMOVE, 2, lambda: self._admin.ask("POST", path, {"userId": next(gone)}))]

    def _cost(self, what: str, times: int, do: Callable[[], object]) -> Cost:
        return _cost(self._meter, what, times, do)

    def _missed(self, since: int | None) -> dict[str, Any]:
        return {"roots": [{"id": root_id, "since": since} for root_id in self._roots]}

    def _new(self) -> dict[str, Any]:
        return {"data": {"code": f"{scaling_school.CODE}# {next(self._numbers)}\n"}}


def _cost(meter: Meter, what: str, times: int, do: Callable[[], object]) -> Cost:
    do()
    took: list[float] = []

    def batch(count: int) -> None:
        for _ in range(count):
            began = time.perf_counter()
            do()
            took.append((time.perf_counter() - began) * 1_000)

    used = [meter.used_by(partial(batch, count))[1] * 1_000 / count for count in _batches(times)]
    return Cost(what, times, statistics.median(used), statistics.median(took))


def _batches(times: int) -> list[int]:
    """Return how often something is done in each batch; of their processor times the median counts."""
    return [len(range(number, times, _BATCHES)) for number in range(min(times, _BATCHES))]


async def _live(server: Running, school: School, meter: Meter, rounds: int) -> tuple[list[Cost], float]:
    """Measure opening live texts that are not in memory, what each takes there, and letters typed into one of them."""
    own_id, *other_ids = [id_ for place in school.places("live") for id_ in place.document_ids]
    teacher = await _connected(server.url, school.tokens[school.last_class.teacher_id])
    student = await _connected(server.url, school.tokens[school.last_class.student_ids[0]])
    try:
        ids, before = iter(other_ids), server.memory()
        opened = await _awaited(meter, OPEN_LIVE, len(other_ids), lambda: _opened(teacher, next(ids)))
        per_text = (server.memory() - before) / len(other_ids) / 1e3
        doc = await _opened(student, own_id)
        for _ in range(_WARM_UP):
            await _type(student, own_id, doc)
        typed = await _awaited(meter, TYPE, rounds, lambda: _type(student, own_id, doc))
    finally:
        await student.disconnect()
        await teacher.disconnect()
    return [opened, typed], per_text


async def _connected(url: str, token: str) -> socketio.AsyncClient:
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(url, auth={"token": token}, transports=["websocket"], wait_timeout=_ANSWER_SECONDS)
    return client


async def _awaited(meter: Meter, what: str, times: int, do: Callable[[], Any]) -> Cost:
    used, took = [], []
    for count in _batches(times):
        before = meter.cpu_seconds()
        for _ in range(count):
            began = time.perf_counter()
            await do()
            took.append((time.perf_counter() - began) * 1_000)
        used.append((meter.cpu_seconds() - before) * 1_000 / count)
    return Cost(what, times, statistics.median(used), statistics.median(took))


async def _opened(client: socketio.AsyncClient, document_id: str) -> pycrdt.Doc[Any]:
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    answer = await _call(client, "SYNC_DOCUMENT", {"id": document_id, "stateVector": doc.get_state()})
    doc.apply_update(answer["update"])
    return doc


async def _type(client: socketio.AsyncClient, document_id: str, doc: pycrdt.Doc[Any]) -> None:
    before = doc.get_state()
    doc.get("data", type=pycrdt.Map)["code"] += "a"
    await _call(client, "UPDATE_DOCUMENT", {"id": document_id, "update": doc.get_update(before)})


async def _call(client: socketio.AsyncClient, event: str, payload: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await client.call(event, payload, timeout=_ANSWER_SECONDS)
    if not answer["ok"]:
        raise RuntimeError(f"{event}: {answer['error']}")
    return answer
