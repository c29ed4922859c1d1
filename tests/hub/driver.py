"""A running hub as the stateful tests handle it: everything by the short names of the model."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from sqlalchemy import Connection

from teaching_nb.hub.people import allowed_actions
from teaching_nb.schema import events, wire
from tests.harness.cast import ROLES, Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub
from tests.hub.model import Notice

DATA_EVENTS = {events.NEW_RECORD, events.CHANGED_RECORD, events.DELETED_RECORD}


class Driver:
    """People at a hub, with their tabs and what those were told."""

    def __init__(self, hub: RunningHub, cast: Cast) -> None:
        self._hub = hub
        self._client = hub.client()
        self._cast = cast
        self._tabs: dict[str, Listener] = {}
        self._ids = {"classA": cast.class_a, "classB": cast.class_b}
        self._names: dict[str, str] = {}

    async def prepare(self) -> None:
        """Allow documents of type `code` to be relinked."""

        def allow(tx: Connection) -> None:
            allowed_actions.create(tx, "code", "update@parent_id")

        await self._hub.database.write(allow)

    async def close(self) -> None:
        """Let everybody go."""
        for tab in self._tabs.values():
            await tab.disconnect()
        await self._client.aclose()

    def id_of(self, name: str) -> str:
        """Return the id behind a name; a new root gets its id when it is first asked for."""
        if hasattr(self._cast, name):
            return self._cast.named(name).id
        return self._ids.setdefault(name, wire.new_id())

    def call(self, name: str, id_: str) -> None:
        """Give a name to something that the hub has made."""
        self._ids[name] = id_
        self._names[id_] = name

    async def connect(self, tab: str, person: str) -> None:
        """Open a tab."""
        self._tabs[tab] = Listener(self._hub, self._cast.named(person))
        await self._tabs[tab].connect()

    async def disconnect(self, tab: str) -> None:
        """Close a tab."""
        await self._tabs.pop(tab).disconnect()

    async def ask(self, tab: str, event: str, name: str) -> Any:
        """Send an event that carries one id, and return the acknowledgement."""
        return await self._tabs[tab].call(event, self.id_of(name))

    async def request(
        self, person: str, method: str, path: str, body: Any = None, *, flags: Any = None, sender: str | None = None
    ) -> httpx.Response:
        """Send a REST request of a person, who may name a tab as the one that sends it."""
        headers = {events.SENDER_HEADER: self._tabs[sender].sid} if sender in self._tabs else {}
        caller = Caller(self._client, self._cast.named(person))
        return await caller.send(method, path, body, params=flags, headers=headers)

    def editor(self, tab: str, document: str) -> Editor:
        """Return a tab's empty copy of a document."""
        return Editor(self._tabs[tab], self.id_of(document))

    async def stop_following(self, tab: str, document: str) -> Any:
        """Let a tab give up a live document, and return the acknowledgement."""
        return await self._tabs[tab].call(events.LEAVE_DOCUMENT, {"id": self.id_of(document)})

    async def write_back(self) -> None:
        """Have live edits written into their documents now, instead of within a second."""
        await self._hub.write_back()

    async def told(self) -> dict[str, list[Notice]]:
        """Return what each tab was told of documents since the last call, in order."""
        await asyncio.gather(*(listener.heard_so_far() for listener in self._tabs.values()))
        found = {}
        for tab, listener in self._tabs.items():
            notices = [self._notice(event, payload) for event, payload in listener.heard]
            found[tab] = [notice for notice in notices if notice is not None]
            listener.heard.clear()
        return found

    def whereabouts(self) -> dict[str, tuple[str, set[str]]]:
        """Return for each tab the role that the hub takes its person for, and the rooms that it is in."""
        names = {id_: name for name, id_ in self._ids.items()} | {self.id_of(name): name for name in ROLES}
        found = {}
        for tab, listener in self._tabs.items():
            member = self._hub.member(listener.sid)
            assert member is not None, tab
            found[tab] = (member.actor.role, {names.get(room.name, room.name) for room in member.rooms})
        return found

    def _notice(self, event: str, payload: Any) -> Notice | None:
        if event in DATA_EVENTS and payload["type"] != "Document":
            return None
        record = payload.get("record", payload) if isinstance(payload, dict) else {}
        name = self._names.get(record.get("id", ""), "?")
        match event:
            case events.NEW_RECORD | events.CHANGED_RECORD | events.CHANGED_DOCUMENT:
                return event, name, f"{record['revision']} {record['data']['code']}"
            case events.DELETED_RECORD | events.DOCUMENT_UPDATE:
                return event, name, ""
            case events.DOCUMENT_CLOSED:
                return event, name, payload["reason"]
        return None
