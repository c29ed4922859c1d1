"""People who get another e-mail or Jupyter account keep what is theirs: commands and REST of a hub process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from teaching_nb.hub.administration import renaming
from teaching_nb.hub.documents.documents import NewDocument, insert_document, main_key
from teaching_nb.hub.store.tables import documents, live_updates, metadata
from teaching_nb.tokens import mint_assertion
from tests.harness.cast import Cast
from tests.harness.editors import Editor
from tests.harness.hub_process import HubProcess, hub_command, hub_process
from tests.harness.listeners import Listener
from tests.harness.running_hub import RunningHub
from tests.hub.scenes import Scene

SECRET = "5e" * 32
ROOT_ID = "0b8a3a52-9d0c-4a35-9d2b-0d6c3a5b1f01"
OTHER_ROOT = "5c1f6f0e-40f1-4a27-8a53-1b6a20b3c702"
KIM_ID = "7f0d4c9e-7a3e-4d2b-8a34-53b6a20b3c70"

pytestmark = pytest.mark.timeout(240)


class Identity:
    """Somebody as a JupyterHub knows them, at the REST interface of a hub."""

    def __init__(self, client: httpx.AsyncClient, subject: str) -> None:
        self._client = client
        self.subject = subject

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request as the Jupyter server does; return the answer."""
        assertion = mint_assertion(SECRET, subject=self.subject, name=self.subject.title(), role="student")
        headers = {"Authorization": f"Bearer {assertion}"}
        answer = await self._client.request(method, f"/api/v1{path}", json=body, headers=headers)
        if answer.status_code == 503:
            # A hub that still takes them for the account that another process has just removed says so.
            return await self.ask(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def open(self, root_id: str, init: str) -> dict[str, Any]:
        """Open the own document as a notebook's cell does."""
        body = {"documentRootId": root_id, "type": "code", "data": {"code": init}, "root": {}}
        found: dict[str, Any] = await self.ask("POST", "/documents/main", body)
        return found

    async def write(self, document_id: str, code: str) -> None:
        """Write into a document."""
        await self.ask("PUT", f"/documents/{document_id}", {"data": {"code": code}})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the data directory of the hub."""
    return tmp_path / "data"


@pytest.fixture
def a_process(data: Path) -> Iterator[HubProcess]:
    """Run a hub that believes the assertions of a Jupyter server."""
    with hub_process(data, TEACHING_NB_HUB_SECRET=SECRET) as hub:
        yield hub


@pytest.fixture
async def a_client(a_process: HubProcess) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of that hub."""
    async with httpx.AsyncClient(base_url=a_process.url, timeout=30) as client:
        yield client


def rename(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return hub_command(data, "user", "rename", *arguments)


async def test_renamed_account_of_jupyter_finds_its_work(a_client: httpx.AsyncClient, data: Path) -> None:
    """The command before the first use of the new name: the same person, document and e-mail of the same kind."""
    old, new = Identity(a_client, "jdoe"), Identity(a_client, "jsmith")
    document = await old.open(ROOT_ID, "init")
    await old.write(document["id"], "my work")

    done = rename(data, "jdoe", "jsmith")

    assert (done.returncode, done.stdout) == (
        0,
        "jdoe@localhost (Jupyter account jdoe) is now jsmith@localhost (Jupyter account jsmith)\n",
    )
    found = await new.open(ROOT_ID, "init")
    assert (found["id"], found["data"]["code"]) == (document["id"], "my work")
    me = await new.ask("GET", "/user")
    assert (me["id"], me["email"]) == (document["authorId"], "jsmith@localhost")


async def test_work_is_main_and_not_an_older_document_without_any(a_client: httpx.AsyncClient, data: Path) -> None:
    """Whoever has only run the cell under the old name finds afterwards what they wrote under the new one."""
    old, new = Identity(a_client, "jdoe"), Identity(a_client, "jsmith")
    untouched = await old.open(ROOT_ID, "init")
    work = await new.open(ROOT_ID, "init")
    await new.write(work["id"], "two hours of work")

    done = rename(data, "--merge", "jdoe", "jsmith")

    assert f"kept beside the main document: {untouched['id']} of {ROOT_ID} (code)" in done.stdout
    found = await new.open(ROOT_ID, "init")
    assert (found["id"], found["data"]["code"]) == (work["id"], "two hours of work")
    load = await new.ask("GET", f"/documentRoots/{ROOT_ID}")
    assert min(load["documents"], key=lambda document: document["createdAt"])["id"] == work["id"]


async def test_second_account_is_merged_when_it_is_said(a_client: httpx.AsyncClient, data: Path) -> None:
    """Without the option it is refused in a sentence that names it; with it nothing of either account is lost."""
    old, new = Identity(a_client, "jdoe"), Identity(a_client, "jsmith")
    mine = await old.open(ROOT_ID, "init")
    await old.write(mine["id"], "my work")
    later, only = await new.open(ROOT_ID, "init"), await new.open(OTHER_ROOT, "init")
    await new.write(later["id"], "after the rename")
    await new.write(only["id"], "begun under the new name")
    (data / "groups.json").write_text(
        json.dumps({"groups": [{"name": "class", "members": ["jdoe@localhost", "jsmith@localhost"]}]})
    )
    assert hub_command(data, "load", str(data / "groups.json")).returncode == 0

    refused = rename(data, "jdoe", "jsmith")
    done = rename(data, "jdoe", "jsmith", "--merge")

    assert refused.returncode == 1
    assert "jsmith is the account jsmith@localhost already, with 2 documents" in refused.stderr
    assert "--merge" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert "2 documents, 0 memberships, 0 permissions, 0 tokens and sessions" in done.stdout
    assert f"kept beside the main document: {later['id']} of {ROOT_ID} (code)" in done.stdout
    listed = hub_command(data, "user", "list").stdout.splitlines()
    assert [line.split("\t")[0] for line in listed] == [mine["authorId"]]
    found, also = await new.open(ROOT_ID, "init"), await new.open(OTHER_ROOT, "init")
    assert (found["id"], found["data"]["code"]) == (mine["id"], "my work")
    assert (also["id"], also["data"]["code"]) == (only["id"], "begun under the new name")
    kept = (await new.ask("GET", f"/documents/{later['id']}"))["document"]
    assert (kept["data"]["code"], kept["authorId"]) == ("after the rename", mine["authorId"])
    await new.write(later["id"], "still mine")


async def test_older_main_document_of_the_merged_account_stays_the_main_one(
    a_client: httpx.AsyncClient, data: Path
) -> None:
    """Also where the account that is taken over was the first below a root."""
    old, new = Identity(a_client, "jdoe"), Identity(a_client, "jsmith")
    older = await new.open(ROOT_ID, "init")
    await new.write(older["id"], "older")
    newer = await old.open(ROOT_ID, "init")

    assert rename(data, "jdoe", "jsmith", "--merge").returncode == 0

    assert (await new.open(ROOT_ID, "init"))["id"] == older["id"]
    assert (await new.ask("GET", f"/documents/{newer['id']}"))["document"]["authorId"] == newer["authorId"]


async def test_merge_takes_everything_along(a_client: httpx.AsyncClient, data: Path) -> None:
    """Groups with their mark, permissions that the person has not, tokens, password; a dump shows the one account."""
    content = {
        "users": [
            {"email": "kim@school.test", "firstName": "Kim"},
            {"email": "kim@new.test", "firstName": "Kim", "password": "long enough"},
        ],
        "groups": [
            {"name": "a", "members": ["kim@school.test", "kim@new.test"]},
            {"name": "b", "admins": ["kim@new.test"]},
        ],
        "documentRoots": [
            {"id": ROOT_ID, "userPermissions": [{"user": "kim@new.test", "access": "RO_User"}]},
            {"id": OTHER_ROOT, "userPermissions": [{"user": "kim@school.test", "access": "RW_User"}]},
        ],
    }
    assert hub_command(data, "load", "-", stdin=json.dumps(content)).returncode == 0
    token = hub_command(data, "token", "kim@new.test").stdout.strip()

    done = rename(data, "kim@school.test", "kim@new.test", "--merge")

    assert "0 documents, 1 memberships, 1 permissions, 1 tokens and sessions" in done.stdout
    dumped = json.loads(hub_command(data, "dump", "-").stdout)
    assert [user["email"] for user in dumped["users"]] == ["kim@new.test"]
    assert {group["name"]: (group.get("members", []), group.get("admins", [])) for group in dumped["groups"]} == {
        "a": (["kim@new.test"], []),
        "b": (["kim@new.test"], ["kim@new.test"]),
    }
    assert {root["userPermissions"][0]["access"] for root in dumped["documentRoots"]} == {"RO_User", "RW_User"}
    answer = await a_client.get("/api/v1/user", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["email"] == "kim@new.test"
    signed_in = await a_client.post(
        "/api/auth/sign-in/email", json={"email": "kim@new.test", "password": "long enough"}
    )
    assert signed_in.status_code == 200


def test_every_reference_to_a_person_is_thought_of() -> None:
    """A table that is added later must say what a merge does with it."""
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name == "users" for key in column.foreign_keys)
    }

    assert found == {
        "sessions.user_id",
        "one_time_tokens.user_id",
        "memberships.user_id",
        "document_roots.creator_id",
        "user_permissions.user_id",
        "documents.author_id",
        "live_updates.author_id",
        "version_authors.user_id",
        "cms_settings.user_id",
    }


async def test_other_names_follow_where_they_were_made_of_it(a_client: httpx.AsyncClient, data: Path) -> None:
    """A new e-mail moves an account that is called like the old one, and leaves any other; so does a new account."""
    await Identity(a_client, "kim@school.test").ask("GET", "/user")
    hub_command(data, "load", "-", stdin=json.dumps({"users": [{"email": "lou@school.test", "subject": "lou"}]}))

    assert (
        "is now kim@new.test (Jupyter account kim@new.test)" in rename(data, "kim@school.test", "kim@new.test").stdout
    )
    assert "is now lou@new.test (Jupyter account lou)" in rename(data, "lou", "lou@new.test").stdout
    assert "is now lou@new.test (Jupyter account louise)" in rename(data, "lou@new.test", "louise").stdout
    assert "no user has the e-mail or Jupyter account lou;" in rename(data, "lou", "x").stderr


def loaded(data: Path, *users: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Load people."""
    return hub_command(data, "load", "-", stdin=json.dumps({"users": list(users)}))


def test_class_list_with_a_new_email_renames(data: Path) -> None:
    """The id says who it is; documents, passwords and sessions stay, and loading again changes nothing."""
    kim = {"id": KIM_ID, "email": "kim@school.test", "password": "long enough"}
    loaded(data, kim)
    token = hub_command(data, "token", "kim@school.test").stdout.strip()

    renamed = loaded(data, {**kim, "email": "Kim@New.test", "firstName": "Kim"})

    assert (renamed.returncode, renamed.stdout) == (0, "loaded: 1 users\n")
    assert token.startswith("tnb_")
    (listed,) = hub_command(data, "user", "list").stdout.splitlines()
    assert listed.split("\t") == [KIM_ID, "student", "kim@new.test", "Kim"]
    assert loaded(data, {**kim, "email": "kim@new.test", "firstName": "Kim"}).stdout == (
        "loaded: nothing had to be changed\n"
    )


def test_class_list_renames_people_in_any_order(data: Path) -> None:
    """Two swap their e-mails, and somebody new gets one that has become free in the same file."""
    first, second = {"id": KIM_ID}, {"id": ROOT_ID}
    loaded(data, {**first, "email": "a@school.test"}, {**second, "email": "b@school.test"})

    swapped = loaded(data, {**first, "email": "b@school.test"}, {**second, "email": "a@school.test"})
    freed = loaded(data, {"email": "b@school.test", "firstName": "New"}, {**first, "email": "c@school.test"})

    assert (swapped.stdout, freed.stdout) == ("loaded: 2 users\n", "loaded: 2 users\n")
    listed = [line.split("\t") for line in hub_command(data, "user", "list").stdout.splitlines()]
    assert {(email, user_id == KIM_ID, name) for user_id, _, email, name in listed} == {
        ("a@school.test", False, "b"),
        ("b@school.test", False, "New"),
        ("c@school.test", True, "a"),
    }


def test_class_list_cannot_take_the_email_of_another_account(data: Path) -> None:
    """The refusal names both accounts, the place, and the command that merges."""
    loaded(data, {"id": KIM_ID, "email": "kim@school.test"}, {"id": ROOT_ID, "email": "lou@school.test"})

    refused = loaded(data, {"id": KIM_ID, "email": "LOU@school.test"})

    assert refused.returncode == 1
    for words in (KIM_ID, ROOT_ID, "lou@school.test", "`$.users[0].email`", "hub user rename"):
        assert words in refused.stderr
    assert "kim@school.test" in hub_command(data, "user", "list").stdout


@pytest.mark.on_both_databases
async def test_merge_is_the_same_on_both_databases(a_hub: RunningHub, a_cast: Cast) -> None:
    """Main documents, one live with a history, go over to the person; other people's stay as they are."""
    scene, person, other = Scene(a_hub.database), a_cast.student1, a_cast.student2
    root_id = await scene.root("RW", "RW")
    ids = {}
    for owner in (other, person, a_cast.student3):
        wanted = NewDocument(type="code", document_root_id=root_id, data={"code": owner.name})
        insert = partial(insert_document, actor=owner.actor, wanted=wanted, author_id=owner.id, main="own")
        ids[owner.name] = (await a_hub.database.write(insert)).record.id
    listener = Listener(a_hub, other)
    await listener.connect()
    editor = Editor(listener, ids[other.name])
    await editor.sync()
    assert (await editor.write("live "))["ok"]
    await listener.disconnect()

    done = await a_hub.database.write(partial(renaming.rename, old=person.email, new=other.email, merge=True))

    (merged,) = done.merged
    assert (merged.documents, merged.memberships, merged.sessions, len(merged.beside)) == (1, 0, 1, 1)
    query = select(documents.c.id, documents.c.author_id, documents.c.main_key).where(documents.c.root_id == root_id)
    rows = await a_hub.database.read(lambda tx: tx.execute(query).all())
    assert {(row.id, row.author_id, row.main_key) for row in rows} == {
        (ids[other.name], person.id, main_key(root_id, person.id, "code")),
        (ids[person.name], person.id, None),
        (ids[a_cast.student3.name], a_cast.student3.id, main_key(root_id, a_cast.student3.id, "code")),
    }
    authors = await a_hub.database.read(lambda tx: set(tx.execute(select(live_updates.c.author_id)).scalars()))
    assert other.id not in authors
    assert person.id in authors
