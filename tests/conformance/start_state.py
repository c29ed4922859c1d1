"""The start state of replays: the school, and the settings of the hubs that it is played against."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, delete, update

from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.administration.class_file import Content, GroupEntry, UserEntry
from teaching_nb.hub.config import Settings
from teaching_nb.hub.people import passwords, sessions
from teaching_nb.hub.store.tables import allowed_actions, users
from tests.conformance.placeholders import Bindings
from tests.conformance.recording import Scenario
from tests.conformance.running_hub import ReplayedHub, replayed
from tests.conformance.school import GROUPS, PASSWORD, USERS, SchoolUser
from tests.conformance.school import user as school_user

ORIGIN = "http://localhost:3000"
"""The front end of the recordings, which the hub has to trust."""

BASE_URL = "http://localhost:3002"
"""The address that the recorded backend was told to be its own; it names the domain of cookies."""

_ADMIN_GROUP = re.compile(r"ADMIN_USER_GROUP_ID set to (Class \w+|Presenting)")


Credentials: TypeAlias = dict[str, dict[str, str]]
"""Person → request headers that prove who they are."""


def settings_in(directory: Path, scenario: Scenario | None = None, *, database: str | None = None) -> Settings:
    """Return the settings of the hub of a replay."""
    named = None if scenario is None else _ADMIN_GROUP.search(scenario.title)
    group = next((group.id for group in GROUPS if named is not None and group.name == named[1]), None)
    return Settings(
        data_dir=directory, port=0, secret="5e" * 32, base_url=BASE_URL, trusted_origins=(ORIGIN,),
        admin_group_id=group, database=database,
    )  # fmt: skip


async def make_school(settings: Settings) -> Credentials:
    """Create the school, and a session for everybody."""
    async with replayed(settings) as hub:
        # One hash for all: hashing is slow on purpose, and everybody has the same password.
        password_hash = await asyncio.to_thread(passwords.hashed, PASSWORD)
        hashes = {person.email: password_hash for person in USERS}
        await hub.database.write(lambda tx: _fill(tx, hashes))
        return {person.name: await sign_in(hub, person) for person in USERS}


async def sign_in(hub: ReplayedHub, person: SchoolUser) -> dict[str, str]:
    """Begin a session of a browser, as signing in does; returns the headers that prove who it is."""
    token = await hub.database.write(
        lambda tx: sessions.create_cookie(tx, person.id, is_lasting=True, ip_address=None, user_agent=None)
    )
    return {"cookie": f"{hub.cookie_name}={await hub.cookie_value(token)}"}


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
    class_load.load(tx, _school(), hashes)
    tx.execute(update(users).values(email_verified=True, banned=False))
    tx.execute(delete(allowed_actions))
