"""Plays one scenario against a hub: does what was done, and keeps what came back.

Silence is decided by barriers, not by waiting: after each step every tab hears a marker that the hub sends
after everything else. Room counts that the hub holds back are waited for.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from teaching_nb.errors import Unavailable
from teaching_nb.hub.documents import documents
from teaching_nb.hub.store.database import Database
from tests.conformance import matrix, preparations, requests_of, wire
from tests.conformance.actors import Answer, Browser, Tab
from tests.conformance.facts import count_documents, read_fact
from tests.conformance.fixtures import Fixture
from tests.conformance.observed import Observed
from tests.conformance.placeholders import Bindings
from tests.conformance.preparations import Preparations
from tests.conformance.recording import DATABASE, Entry, Scenario, Step
from tests.conformance.running_hub import ReplayedHub
from tests.conformance.school import USERS, user
from tests.conformance.start_state import sign_in
from tests.conformance.timeline import Attendance

_TOKEN_NAME = re.compile(r"<one-time-token:[^<>]+>")
_NEW_PASSWORD = re.compile(r"/(set-user-password|revokeUserPassword)$")
_REQUESTED_WITH = {"x-requested-with": "conformance"}
"""What a front end of ours says beside its cookie, so that writing is believed not to come from another site."""


class Player:
    """One scenario and one hub."""

    def __init__(
        self,
        hub: ReplayedHub,
        *,
        scenario: Scenario,
        bindings: Bindings,
        fixture: Fixture,
        prepared: Preparations,
    ) -> None:
        self._hub = hub
        self._scenario = scenario
        self._bindings = bindings
        self._fixture = fixture
        self._credentials = dict(fixture.credentials)
        self._prepared = prepared
        self._browser = Browser(hub.url, keeps_connections=hub.is_one_process)
        self._tabs: dict[str, Tab] = {}
        self._lost: set[str] = set()
        self._emitted: list[tuple[Tab, int, Entry]] = []
        self._do: dict[str, Callable[[Step, Entry, Observed], Awaitable[None]]] = {
            "http": self._http,
            "connect": self._connect,
            "client-disconnect": self._disconnect,
            "emit": self._emit,
            "wire": self._wire,
            "concurrent": self._concurrent,
            "db-fact": self._fact,
            "database": self._database,
            "matrix": self._matrix,
        }

    @property
    def database(self) -> Database:
        """Return the hub's database."""
        return self._hub.database

    async def start(self) -> None:
        """Get the one-time tokens that the scenario uses without showing where they come from."""
        shown: set[str] = set()
        for step in self._scenario.steps:
            for entry in step.of_kind("connect", "wire"):
                for name in sorted(_token_names(entry) - shown):
                    if self._bindings.known(name) is None:
                        self._bindings.bind(name, await self._one_time_token(entry["actor"]))
            for entry in step.of_kind("http"):
                shown |= _token_names(entry["response"])

    async def close(self) -> None:
        """Close everything."""
        for tab in self._tabs.values():
            await tab.close()
        await self._browser.close()

    async def play(self, step: Step, expected: Attendance) -> Observed:
        """Play one step and return what came back."""
        observed = Observed(not_played=list(step.not_understood))
        await self._attend(expected)
        for preparation in self._prepared.before(self._scenario, step):
            token = next((self._bindings.known(name) for name in _token_names(step.done)), None)
            filled = replace(preparation, settings=self._bindings.fill(preparation.settings))
            await self._hub.prepare(partial(preparations.make, preparation=filled, token=token))
        if not step.of_kind("database") and (told := DATABASE.match(step.about)):
            await self._set_database(told["state"], observed)
        for entry in step.done:
            action = self._do.get(entry["kind"])
            if action is None:
                observed.not_played.append(f"{entry['kind']}: {entry.get('about', '')}".rstrip(": "))
            else:
                await action(step, entry, observed)
        await self._collect(observed)
        if step.of_kind("server-exit"):
            # The recorded server started anew, so nobody was connected any more.
            await self._close(list(self._tabs))
        return observed

    async def can_read(self, actor: str, document_id: str) -> str:
        """Return whether a person may read a document: yes, no, or gone when it does not exist any more."""
        try:
            return await self._can_read(actor, document_id)
        except Unavailable:
            return "unknown"

    async def _can_read(self, actor: str, document_id: str) -> str:
        exists = await self._hub.database.read(lambda tx: documents.find_row(tx, document_id) is not None)
        if not exists:
            return "gone"
        headers = self._credentials[user(actor).name]
        answer = await self._browser.request("GET", f"/api/v1/documents/{document_id}", headers, None)
        found = json.loads(answer.body) if answer.status == 200 else None
        if found is None:
            return "no"
        # An author who is shut out learns that their document exists, but not what it says.
        is_author = found["document"]["authorId"] == user(actor).id
        return "no" if is_author and found["highestPermission"].startswith("None") else "yes"

    async def _attend(self, expected: Attendance) -> None:
        """Open and close the sockets that changed between two steps, and forget what that caused."""
        await self._close(expected.closed)
        for actor in expected.opened:
            if actor not in self._tabs:
                await self._open(actor)
        if expected.opened or expected.closed:
            await self._barrier()
            for tab in self._tabs.values():
                tab.take_heard()

    async def _open(self, actor: str) -> None:
        tab = Tab(self._hub.url, actor)
        if await tab.connect({"token": await self._one_time_token(actor)}) is not None:
            self._lost.add(actor)
            return
        self._tabs[actor] = tab
        self._lost.discard(actor)
        self._bindings.bind(f"<sid:{actor}>", tab.sid)

    async def _close(self, actors: Iterable[str]) -> None:
        for actor in actors:
            self._lost.discard(actor)
            tab = self._tabs.pop(actor, None)
            if tab is not None:
                sid = tab.sid
                await tab.close()
                await self._hub.until_gone(sid)

    async def _http(self, _step: Step, entry: Entry, observed: Observed) -> None:
        request = entry["request"]
        answer = await self._request(entry, request)
        observed.answers.append((entry, answer))
        self._keep_cookie(entry["actor"], answer)
        if answer.status < 400 and _NEW_PASSWORD.search(request["path"]):
            await self._sign_in_again(entry["actor"], json.dumps([request["path"], request.get("body")]))

    async def _request(self, entry: Entry, request: dict[str, Any]) -> Answer:
        body, content_type = requests_of.body_of(request, self._bindings)
        headers = {"content-type": content_type} if content_type else {}
        if entry.get("session") is not False:
            headers |= _REQUESTED_WITH | self._credentials[user(entry["actor"]).name]
        headers |= self._bindings.fill(request.get("headers") or {})
        path = requests_of.path_of(request, self._bindings)
        return await self._browser.request(request["method"], path, headers, body)

    def _keep_cookie(self, actor: str, answer: Answer) -> None:
        """Let a person who has signed in go on with the new session."""
        cookies = [cookie.split(";")[0] for cookie in answer.headers.get("set-cookie", [])]
        person = user(actor)
        if answer.status == 200 and cookies and person.email.encode() in answer.body:
            self._credentials[person.name] = {"cookie": cookies[0]}

    async def _sign_in_again(self, changer: str, request: str) -> None:
        """Let the person whose password was changed, and whom the hub has therefore signed out, come back."""
        for person in USERS:
            if f"<user:{person.name}>" in request and person.name != user(changer).name:
                self._credentials[person.name] = await sign_in(self._hub, person)

    async def _one_time_token(self, actor: str) -> str:
        headers = self._credentials[user(actor).name]
        answer = await self._browser.request("GET", "/api/auth/one-time-token/generate", headers, None)
        return str(json.loads(answer.body)["token"]) if answer.status == 200 else "no token"

    async def _connect(self, step: Step, entry: Entry, observed: Observed) -> None:
        actor, request = entry["actor"], entry["request"]
        tab = Tab(self._hub.url, actor, request["transports"])
        refusal = await tab.connect(self._bindings.fill(request["auth"]))
        observed.connects.append((entry, refusal))
        if refusal is None:
            self._tabs[actor] = tab
            self._lost.discard(actor)
            self._bindings.bind(f"<sid:{actor}>", tab.sid)
            observed.newcomers.add(actor)
        elif entry["response"].get("connected") and not _is_dropped(step, actor):
            self._lost.add(actor)

    async def _disconnect(self, _step: Step, entry: Entry, observed: Observed) -> None:
        await self._close([entry["actor"]])

    async def _emit(self, step: Step, entry: Entry, observed: Observed) -> None:
        tab = self._tabs.get(entry["actor"])
        if tab is None:
            observed.absent.add(entry["actor"])
            return
        message = self._prepared.message(self._scenario, step)
        args = entry["args"] if message is None else [message]
        number = await tab.emit(entry["event"], self._bindings.fill(args), wants_ack=entry["ack"] == "requested")
        await tab.barrier()
        if entry["ack"] == "requested":
            observed.acks.append((entry, tab.acks.get(number)))

    async def _wire(self, _step: Step, entry: Entry, observed: Observed) -> None:
        packets = await wire.play(self._browser.client, self._hub.url, entry, self._bindings)
        observed.frames.append((entry, packets))
        await self._hub.until_only({tab.sid for tab in self._tabs.values()})

    async def _concurrent(self, step: Step, entry: Entry, observed: Observed) -> None:
        request = self._prepared.concurrent(self._scenario, step) or entry.get("request")
        if not request:
            observed.not_played.append("concurrent: the recording does not show the requests")
            return
        count = request.get("count") or sum(entry["statuses"].values())
        answers = await asyncio.gather(*(self._request(entry, request) for _ in range(count)))
        counted = Counter(str(answer.status) for answer in answers)
        observed.statuses.append((entry, dict(sorted(counted.items()))))
        document_type = request.get("body", {}).get("type")
        if "documentsInDatabase" in entry and document_type is not None:
            count = await self._hub.database.read(lambda tx: count_documents(tx, document_type))
            observed.counts.append((entry, count))

    async def _fact(self, _step: Step, entry: Entry, observed: Observed) -> None:
        fact = await self._hub.database.read(lambda tx: read_fact(tx, entry))
        if fact is None:
            observed.not_played.append(f"db-fact: {entry.get('about', '')}")
        else:
            observed.facts.append((entry, fact))

    async def _matrix(self, _step: Step, entry: Entry, observed: Observed) -> None:
        found, strange = matrix.cells(entry)
        observed.not_played += strange
        for cell in found:
            answer = await self._request(cell.entry, cell.entry["request"])
            (observed.answers if cell.has_body else observed.cells).append((cell.entry, answer))

    async def _database(self, _step: Step, entry: Entry, observed: Observed) -> None:
        told = DATABASE.match(entry.get("about", ""))
        if told is None:
            observed.not_played.append(f"database: cannot tell what is done to it: {entry.get('about', '')!r}")
        else:
            await self._set_database(told["state"], observed)

    async def _set_database(self, state: str, observed: Observed) -> None:
        if state == "started":
            await self._fixture.start_database()
        elif not await self._fixture.stop_database():
            observed.not_played.append("database: this kind of database cannot be stopped")

    async def _barrier(self) -> None:
        """Wait until everything that follows from what was done has arrived."""
        while True:
            # A marker must not overtake room counts that are just being sent.
            await self._hub.settle()
            before = self._hub.last_counts
            marker = await self._hub.send_marker()
            await asyncio.gather(*(tab.until_marker(marker) for tab in self._tabs.values()))
            if self._hub.is_settled and self._hub.last_counts == before:
                return

    async def _collect(self, observed: Observed) -> None:
        await self._barrier()
        observed.absent |= self._lost
        for actor, tab in list(self._tabs.items()):
            observed.heard[actor] = tab.take_heard()
            if not tab.is_open:
                observed.ended[actor] = tab.ended or "transport close"
                self._lost.add(actor)
                del self._tabs[actor]


def _is_dropped(step: Step, actor: str) -> bool:
    return any(entry["actor"] == actor for entry in step.of_kind("disconnect"))


def _token_names(value: Any) -> set[str]:
    return set(_TOKEN_NAME.findall(json.dumps(value)))
