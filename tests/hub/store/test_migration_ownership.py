"""A database, and a file of `hub dump`, from before what is shared had a root of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.administration import class_file
from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.crdt.document import LiveDoc, initial_update
from teaching_nb.hub.documents import documents, update_log
from teaching_nb.hub.documents import main as main_documents
from teaching_nb.hub.documents.main import WantedMain
from teaching_nb.hub.store.database import Database
from teaching_nb.hub.store.migrations import __file__ as migrations_file
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema.records import OpenedDocument, Sharing
from tests.hub.openers import own_root, shared_root, wish, wish_below
from tests.hub.store.raw_database import in_database

ADMIN, TEACHER, ADA, BOB = (f"{digit}0000000-0000-4000-8000-000000000000" for digit in "1234")
PEOPLE = {ADMIN: "admin", TEACHER: "teacher", ADA: "student", BOB: "student"}
WEBSITE = "50000000-0000-4000-8000-000000000000"
TOGETHER = "60000000-0000-4000-8000-000000000000"

ROOTS: dict[str, tuple[str | None, str, bool, str | None]] = {
    own_root("fib"): ("fib", "RW", False, TEACHER),
    own_root("sheet"): ("sheet", "RO", False, TEACHER),
    own_root("early"): ("early", "RW", True, ADA),
    own_root("diary"): ("diary", "None", False, TEACHER),
    own_root("exam"): ("exam", "RW", True, BOB),
    WEBSITE: (None, "RO", False, TEACHER),
    TOGETHER: (None, "RW", False, TEACHER),
}
"""Root → slug, what is shared, whether it is provisional, and who made it."""

DOCUMENTS: dict[str, tuple[str, str, str | None, str]] = {
    "ada in fib": (own_root("fib"), ADA, None, "ada's, which all have opened"),
    "bob in fib": (own_root("fib"), BOB, None, "bob's own, from before it was shared"),
    "below ada in fib": (own_root("fib"), BOB, "ada in fib", "a comment"),
    "teacher in sheet": (own_root("sheet"), TEACHER, None, "the hand-out"),
    "ada in sheet": (own_root("sheet"), ADA, None, "ada's own"),
    "ada in early": (own_root("early"), ADA, None, "shared by ada, no teacher has come"),
    "ada in diary": (own_root("diary"), ADA, None, "ada's own"),
    "ada on the website": (WEBSITE, ADA, None, "ada's, to be read by all"),
    "bob on the website": (WEBSITE, BOB, None, "bob's, to be read by all"),
    "ada in bob's exam": (own_root("exam"), ADA, None, "ada's answers, below the root that bob has made for all"),
    "together": (TOGETHER, ADA, None, "ada's and bob's, opened by the id of its root"),
    "bob's own": (TOGETHER, BOB, None, "bob's, from the first day"),
}
"""Name → root, author, parent, and text; in the order in which they were created."""


def id_of(name: str) -> str:
    """Return the id of a document."""
    return f"d{list(DOCUMENTS).index(name):07}-0000-4000-8000-000000000000"


@pytest.fixture
async def a_database_of_before(an_empty_url: str) -> AsyncIterator[Database]:
    """Open a database that the version before has left."""
    await in_database(an_empty_url, _leave)
    database = await Database.open(an_empty_url)
    yield database
    await database.close()


async def opens(database: Database, user_id: str, slug: str, shared: Any) -> OpenedDocument:
    """Return what somebody gets who opens a slug."""
    actor = Actor(user_id, user_id, user_id, PEOPLE[user_id])
    wanted = msgspec.convert(wish(slug, shared), WantedMain)
    outcome = await database.write(lambda tx: main_documents.get_or_create(tx, actor, wanted))
    return outcome.record


async def opens_below(database: Database, user_id: str, root: str, *, shared: bool) -> OpenedDocument:
    """Return what somebody gets who opens a root by its id."""
    actor = Actor(user_id, user_id, user_id, PEOPLE[user_id])
    wanted = msgspec.convert(wish_below(root, shared), WantedMain)
    outcome = await database.write(lambda tx: main_documents.get_or_create(tx, actor, wanted))
    return outcome.record


@pytest.mark.on_both_databases
async def test_text_of_a_class_is_still_the_one_that_everybody_opens(a_database_of_before: Database) -> None:
    """It lies below its own root, with what was below it, and belongs to that root."""
    database = a_database_of_before

    for user_id in (BOB, ADA, TEACHER):
        found = await opens(database, user_id, "fib", shared=True)
        assert (found.id, found.data["code"]) == (id_of("ada in fib"), "ada's, which all have opened")
        assert isinstance(found.sharing, Sharing)
        assert found.sharing.shared_access == "RW_DocumentRoot"
    rows = await _rows(database)
    assert {rows[id_of(name)].root_id for name in ("ada in fib", "below ada in fib")} == {shared_root("fib")}
    assert (await opens(database, BOB, "early", shared=True)).id == id_of("ada in early")
    assert (await opens(database, ADA, "sheet", shared="read")).id == id_of("teacher in sheet")


@pytest.mark.on_both_databases
async def test_own_texts_are_seen_by_their_authors_alone(a_database_of_before: Database) -> None:
    """What was opened to others by nothing but a call for the shared text is closed, and nothing is missing."""
    database = a_database_of_before

    for user_id, slug, name in (
        (BOB, "fib", "bob in fib"),
        (ADA, "sheet", "ada in sheet"),
        (ADA, "diary", "ada in diary"),
    ):
        assert (await opens(database, user_id, slug, shared=False)).id == id_of(name)
    rows = await _rows(database)
    assert set(map(id_of, DOCUMENTS)) < rows.keys()
    for name in ("bob in fib", "ada in sheet", "ada in diary"):
        assert rows[id_of(name)].shared_access == "None_DocumentRoot"


@pytest.mark.on_both_databases
async def test_author_of_what_was_shared_keeps_a_copy_of_their_own(a_database_of_before: Database) -> None:
    """Perhaps it was theirs when the teacher shared the name; the copy has the edits that were not written back."""
    database = a_database_of_before

    copy = await opens(database, ADA, "fib", shared=False)

    assert copy.id != id_of("ada in fib")
    assert copy.data == {"code": "ada's, which all have opened"}
    early = await opens(database, ADA, "early", shared=False)
    assert early.data == {"code": "init"}


@pytest.mark.on_both_databases
async def test_roots_without_a_slug_stay_as_they_were(a_database_of_before: Database) -> None:
    """They may be those of the existing website, where a page says how its root is shared."""
    rows = await _rows(a_database_of_before)

    for name in ("ada on the website", "bob on the website"):
        row = rows[id_of(name)]
        assert (row.root_id, row.shared_access, row.is_shared_main) == (WEBSITE, "RO_DocumentRoot", False)


@pytest.mark.on_both_databases
async def test_what_several_have_edited_below_a_root_without_a_slug_is_shared(a_database_of_before: Database) -> None:
    """Everybody still opens it by the id of the root; what is somebody's own there is not taken for it."""
    database = a_database_of_before

    rows = await _rows(database)
    assert rows[id_of("together")].is_shared_main
    assert not rows[id_of("bob's own")].is_shared_main
    for user_id in (ADA, BOB, TEACHER):
        found = await opens_below(database, user_id, TOGETHER, shared=True)
        assert (found.id, found.data["code"]) == (id_of("together"), DOCUMENTS["together"][3])
    assert (await opens_below(database, BOB, TOGETHER, shared=False)).id == id_of("bob's own")


@pytest.mark.on_both_databases
async def test_what_somebody_wrote_below_anothers_provisional_root_is_theirs(a_database_of_before: Database) -> None:
    """Bob has made the root for all, and Ada has written answers there: nobody gets them as the shared text."""
    database = a_database_of_before

    shared = await opens(database, BOB, "exam", shared=True)

    assert shared.data == {"code": "init"}
    assert (await opens(database, ADA, "exam", shared=False)).id == id_of("ada in bob's exam")
    assert (await _rows(database))[id_of("ada in bob's exam")].shared_access == "None_DocumentRoot"


@pytest.mark.on_both_databases
async def test_database_goes_back_to_the_version_before(an_empty_url: str) -> None:
    """Whoever has to take the older version again finds all documents."""
    await in_database(an_empty_url, _leave)
    database = await Database.open(an_empty_url)
    await database.close()
    count: list[int] = []

    def go_back(tx: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", migrations_file.rpartition("/")[0])
        config.attributes["connection"] = tx
        command.downgrade(config, "0003")
        count.append(tx.execute(text("SELECT count(*) FROM documents")).scalar_one())

    await in_database(an_empty_url, go_back)

    assert count[0] >= len(DOCUMENTS)


async def test_file_of_before_is_loaded_alike(a_database_of_before: Database, tmp_path: Any) -> None:
    """What a database of before becomes, a dump of it becomes as well when it is loaded."""
    file = class_file.parse(msgspec.json.encode(_file_of_before()))
    other = await Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    try:
        await other.write(lambda tx: class_load.load(tx, file, {}))
        loaded, migrated = await _rows(other), await _rows(a_database_of_before)
        repeated = await other.write(lambda tx: class_load.load(tx, file, {}))
    finally:
        await other.close()

    def kept(row: Any) -> tuple[Any, ...]:
        return row.root_id, row.access, row.shared_access, row.provisional, row.is_shared_main, row.parent_id

    common = set(map(id_of, DOCUMENTS)) - {id_of("together")}
    assert {each: kept(loaded[each]) for each in common} == {each: kept(migrated[each]) for each in common}
    copies = [row.data["code"] for each, row in loaded.items() if each not in common | {id_of("together")}]
    assert copies == [DOCUMENTS["ada in fib"][3]]
    assert set(map(id_of, DOCUMENTS)) < loaded.keys()
    assert repeated == "loaded: nothing had to be changed"


async def test_file_of_a_newer_hub_is_refused() -> None:
    """Nothing is loaded of what this version does not understand."""
    with pytest.raises(InvalidInput, match="version 3"):
        class_file.parse(b'{"version": 3}')


async def _rows(database: Database) -> dict[str, Any]:
    def read(tx: Connection) -> dict[str, Any]:
        update_log.materialize(tx, update_log.stale_ids(tx))
        ids = [row.id for row in tx.execute(select(documents_table.c.id))]
        return {each: documents.find_row(tx, each) for each in ids}

    return await database.write(read)


def _leave(tx: Connection) -> None:
    """Leave what the version before has left: one document has edits that were not written back yet."""
    config = Config()
    config.set_main_option("script_location", migrations_file.rpartition("/")[0])
    config.attributes["connection"] = tx
    command.upgrade(config, "0003")
    for user_id, role in PEOPLE.items():
        values: dict[str, str | None] = {"id": user_id, "email": f"{user_id}@school.test", "role": role}
        _insert(tx, "users", {**values, "created_at": 1, "updated_at": 1})
    for root, (name, shared, is_provisional, creator) in ROOTS.items():
        values = {"id": root, "name": name, "shared_access": f"{shared}_DocumentRoot", "creator_id": creator}
        _insert(tx, "document_roots", {**values, "provisional": is_provisional, "created_at": 5})
    for number, (name, (root, author, parent, code)) in enumerate(DOCUMENTS.items()):
        kind = "code" if parent is None else "note"
        values = {"id": id_of(name), "root_id": root, "author_id": author, "type": kind, "parent_id": None}
        values["parent_id"] = None if parent is None else id_of(parent)
        values["main_key"] = f"{root}:{author}:{kind}" if parent is None else None
        data = msgspec.json.encode({"code": "" if name in {"ada in fib", "together"} else code}).decode()
        _insert(tx, "documents", {**values, "data": data, "created_at": 10 + number, "updated_at": 10 + number})
    _leave_log(tx, "ada in fib", ADA)
    _leave_log(tx, "together", BOB)
    # Somebody's main document below another one, in the place of the one above it.
    odd = f"{own_root('fib')}:{ADA}:code"
    tx.execute(text("UPDATE documents SET main_key = NULL WHERE main_key = :key"), {"key": odd})
    tx.execute(
        text("UPDATE documents SET main_key = :key WHERE id = :id"), {"key": odd, "id": id_of("below ada in fib")}
    )


def _leave_log(tx: Connection, name: str, editor: str) -> None:
    document_id, code = id_of(name), DOCUMENTS[name][3]
    first = initial_update("code", {"code": ""})
    edit = LiveDoc("code", [first]).replace({"code": code})
    _insert(tx, "live_texts", {"document_id": document_id, "head": 1, "materialized": 0, "touched_at": 1})
    for number, update in enumerate((first, edit)):
        values = {"document_id": document_id, "number": number, "update": update, "author_id": editor}
        _insert(tx, "live_updates", {**values, "created_at": 20 + number})


def _insert(tx: Connection, table: str, values: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"CAST(:{name} AS JSONB)" if _is_json(tx, name) else f":{name}" for name in values)
    tx.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608 - names of this file


def _is_json(tx: Connection, name: str) -> bool:
    return name == "data" and tx.dialect.name == "postgresql"


def _file_of_before() -> dict[str, Any]:
    """Return what `hub dump` of the version before has written of the same."""
    emails = {user_id: f"{user_id}@school.test" for user_id in PEOPLE}
    return {
        "users": [{"id": each, "email": emails[each], "role": role} for each, role in PEOPLE.items()],
        "documentRoots": [
            {
                "id": root,
                "name": name,
                "sharedAccess": f"{shared}_DocumentRoot",
                "provisional": is_provisional,
                "creator": None if creator is None else emails[creator],
            }
            for root, (name, shared, is_provisional, creator) in ROOTS.items()
        ],
        "documents": [
            {
                "id": id_of(name),
                "documentRootId": root,
                "author": emails[author],
                "type": "code" if parent is None else "note",
                "parentId": None if parent is None else id_of(parent),
                "data": {"code": code},
            }
            for name, (root, author, parent, code) in DOCUMENTS.items()
        ],
    }
