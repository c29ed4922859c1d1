"""The start state of replays: the school in a database that is made once and copied."""

from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sqlalchemy import Connection, delete, update

from teaching_nb.hub.config import Settings
from teaching_nb.hub.database import Database
from teaching_nb.hub.services import exchange_load, sessions
from teaching_nb.hub.services.exchange import Content, GroupEntry, UserEntry
from teaching_nb.hub.tables import allowed_actions, users
from tests.conformance.placeholders import Bindings
from tests.conformance.recording import Scenario
from tests.conformance.running_hub import running
from tests.conformance.school import GROUPS, PASSWORD, USERS
from tests.conformance.school import user as school_user

ORIGIN = "http://localhost:3000"
"""The front end of the recordings, which the hub has to trust."""

BASE_URL = "http://localhost:3002"
"""The address that the recorded backend was told to be its own; it names the domain of cookies."""

_ADMIN_GROUP = re.compile(r"ADMIN_USER_GROUP_ID set to (Class \w+|Presenting)")


@dataclass(frozen=True)
class Template:
    """A data directory with the school in it, and how each person proves who he is."""

    directory: Path
    credentials: dict[str, dict[str, str]]
    """Person → request headers."""


def settings_in(directory: Path, admin_group: str | None = None) -> Settings:
    """Return the settings of the hub of a replay."""
    return Settings(
        data_dir=directory, port=0, secret="5e" * 32, base_url=BASE_URL, trusted_origins=(ORIGIN,),
        admin_group_id=admin_group,
    )  # fmt: skip


async def make_template(directory: Path) -> Template:
    """Create the school, and sign everybody in."""
    directory.mkdir(parents=True, exist_ok=True)
    async with running(settings_in(directory)) as hub:
        hashes = await asyncio.to_thread(exchange_load.new_password_hashes, _school(), {})
        await hub.database.write(lambda tx: _fill(tx, hashes))
        credentials = {person.name: await _sign_in(hub.url, hub.database, person.name) for person in USERS}
    return Template(directory, credentials)


def copy_of(template: Template, directory: Path, scenario: Scenario) -> Settings:
    """Return the settings of a hub for a scenario, whose data directory is a copy of the template's."""
    shutil.copytree(template.directory, directory)
    named = _ADMIN_GROUP.search(scenario.title)
    group = next((group.id for group in GROUPS if named is not None and group.name == named[1]), None)
    return settings_in(directory, group)


def bindings_of_school() -> Bindings:
    """Return what the placeholders of people and groups stand for."""
    bindings = Bindings()
    for person in USERS:
        bindings.bind(f"<user:{person.name}>", person.id)
    for group in GROUPS:
        bindings.bind(f"<group:{group.key}>", group.id)
    return bindings


def _school() -> Content:
    return Content(
        users=[
            UserEntry(email=person.email, id=person.id, first_name=person.first_name, last_name=person.last_name,
                      role=person.role, password=PASSWORD)
            for person in USERS
        ],
        groups=[
            GroupEntry(
                id=group.id, name=group.name, description=f"{group.name} description", can_present=group.can_present,
                members=[school_user(name).email for name in group.members],
                admins=[school_user(name).email for name in group.admins],
            )
            for group in GROUPS
        ],
    )  # fmt: skip


def _fill(tx: Connection, hashes: dict[str, str]) -> None:
    exchange_load.load(tx, _school(), hashes)
    tx.execute(update(users).values(email_verified=True, banned=False))
    tx.execute(delete(allowed_actions))


async def _sign_in(url: str, database: Database, name: str) -> dict[str, str]:
    """Return the headers of a signed-in person."""
    person = school_user(name)
    body = {"email": person.email, "password": PASSWORD}
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client,
        client.post(f"{url}/api/auth/sign-in/email", json=body, headers={"origin": ORIGIN}) as answer,
    ):
        cookies = answer.headers.getall("set-cookie", [])
        if answer.status == 200 and cookies:
            return {"cookie": cookies[0].split(";")[0]}
    token = await database.write(lambda tx: sessions.create_bearer(tx, person.id, days=1))
    return {"authorization": f"Bearer {token}"}
