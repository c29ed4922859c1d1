"""Sessions of people at the hub: they come, do what people do there, and leave, in good order or not."""

from __future__ import annotations

import asyncio
import random

import aiohttp
import pytest

from teaching_nb.schema.awareness import ClientState, encode
from tests.faults.school import School
from tests.faults.writers import request
from tests.harness.cast import Person
from tests.harness.live_writer import LiveWriter
from tests.harness.raw_socket import raw_socket

AT_ONCE = 10
PLACEHOLDER = '{"_placeholder":true,"num":0}'
EVERY = 5
"""One session of so many also edits the text, another one a record, and yet another one tries a wrong token."""


async def sessions(url: str, school: School, count: int, *, beginning: int = 0) -> None:
    """Run sessions, some at a time."""
    async with aiohttp.ClientSession() as client:
        for start in range(beginning, beginning + count, AT_ONCE):
            numbers = range(start, start + AT_ONCE)
            await asyncio.gather(*(session(url, school, number, client) for number in numbers))


async def session(url: str, school: School, number: int, client: aiohttp.ClientSession) -> None:
    """Follow the text and show a cursor, with further things to do that depend on the number."""
    person = school.crowd[number % len(school.crowd)]
    await _look(url, person, school.text_id, number)
    if number % EVERY == 0:
        await _edit(url, person, school.text_id, number)
    if number % EVERY == 1:
        await _change_record(url, person, school.record_id, number, client)
    if number % EVERY == 2:
        await be_refused(url)


async def _look(url: str, person: Person, document_id: str, number: int) -> None:
    async with raw_socket(url, person.headers) as socket:
        await socket.ask(f'"SYNC_DOCUMENT",{{"id":"{document_id}","stateVector":{PLACEHOLDER}}}', (b"\x00",))
        state = encode({number + 1: ClientState(1, {"cursor": number})})
        await socket.send(f'451-["AWARENESS",{{"id":"{document_id}","state":{PLACEHOLDER}}}]', state)
        await socket.ask(f'"JOIN_ROOM","{person.id}"')
        if number % 2:
            socket.vanish()


async def _edit(url: str, person: Person, document_id: str, number: int) -> None:
    writer = LiveWriter(f"v{number}.", person, document_id, random.Random(number))
    await writer.begin(url)
    await writer.write()
    await writer.end()


async def _change_record(
    url: str, person: Person, document_id: str, number: int, client: aiohttp.ClientSession
) -> None:
    path = f"{url}/api/v1/documents/{document_id}"
    stored = await request(client, "PUT", path, person, body={"data": {"entries": [number]}})
    assert stored.status == 204, stored
    found = await request(client, "GET", path, person)
    assert found.status == 200, found


async def be_refused(url: str) -> None:
    """Come with a token that nobody has."""
    with pytest.raises(ConnectionError):
        async with raw_socket(url, {"Authorization": "Bearer nobodys"}):
            pass
