"""Documents as they are read to be changed, many at once, and stored: with what decides about them at their roots."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from teaching_nb.hub.access import said
from teaching_nb.hub.store import change_numbers
from teaching_nb.hub.store.any_of import any_of
from teaching_nb.hub.store.statements import SqliteStatement
from teaching_nb.hub.store.tables import document_roots, documents, live_texts, users
from teaching_nb.schema.access import Access


class DocumentRow(msgspec.Struct, frozen=True):
    """A document that exists; its fields are the columns of `present`."""

    id: str
    author_id: str
    root_id: str
    parent_id: str | None
    type: str
    data: Any
    revision: int
    created_at: int
    updated_at: int
    access: Access
    """A value of the root, as the next three are."""
    shared_access: Access
    provisional: bool
    creator_id: str | None
    is_shared_main: bool
    live_id: str | None
    """Set when the document is live."""
    is_in_thread: bool
    """Whether it lies below a thread of comments."""


class Changed(Protocol):
    """What is to be stored of a document."""

    document_id: str
    revision: int
    updated_at: int

    @property
    def data(self) -> Any:
        """What the document holds from now on."""


_columns = {
    **{column.name: column for column in documents.c},
    "access": document_roots.c.access,
    "shared_access": document_roots.c.shared_access,
    "provisional": document_roots.c.provisional,
    "creator_id": document_roots.c.creator_id,
    "live_id": live_texts.c.document_id.label("live_id"),
    "is_in_thread": said.in_thread,
}
present = (
    select(*(_columns[name] for name in DocumentRow.__struct_fields__))
    .join(document_roots, documents.c.root_id == document_roots.c.id)
    .outerjoin(live_texts, live_texts.c.document_id == documents.c.id)
    .where(any_of(documents.c.id, "document_ids"))
)
_store = (
    update(documents)
    .where(documents.c.id == bindparam("document_id"))
    .values(
        data=bindparam("new_data", type_=documents.c.data.type),
        revision=bindparam("new_revision"),
        updated_at=bindparam("new_updated_at"),
        changed=bindparam("new_changed"),
    )
)


def _locked(column: ColumnElement[str], among: Any, name: str, *, is_shared: bool) -> Any:
    """Return a query that locks rows, in the order in which everybody locks them, and counts them."""
    query = select(column).where(among).order_by(column)
    rows = query.with_for_update(read=is_shared, key_share=not is_shared).cte(name)
    return select(func.count()).select_from(rows).scalar_subquery()


_chosen = any_of(documents.c.id, "document_ids")
_root_ids = select(documents.c.root_id).where(_chosen)
LOCK = select(
    _locked(users.c.id, any_of(users.c.id, "caller_ids"), "callers", is_shared=True),
    _locked(document_roots.c.id, document_roots.c.id.in_(_root_ids), "roots", is_shared=True),
    _locked(documents.c.id, _chosen, "changed", is_shared=False),
)
"""What `lock` runs."""

_DATA = DocumentRow.__struct_fields__.index("data")
_present_on_sqlite = SqliteStatement(present)
_store_on_sqlite = SqliteStatement(_store)


def lock(tx: Connection, document_ids: Collection[str], caller_ids: Collection[str]) -> None:
    """Keep everybody else from changing documents, and what callers may do at their roots, until this is over.

    Whoever changes access notes it in the row of the root, or of the person, and so waits.
    """
    if tx.dialect.name != "sqlite":
        tx.execute(LOCK, {"document_ids": list(document_ids), "caller_ids": list(caller_ids)})


def read(tx: Connection, document_ids: Collection[str]) -> list[DocumentRow]:
    """Return those documents that exist."""
    if tx.dialect.name != "sqlite":
        return [DocumentRow(*row) for row in tx.execute(present, {"document_ids": list(document_ids)})]
    rows = _present_on_sqlite.rows(tx, {"document_ids": _text(list(document_ids))})
    return [_of_text(row) for row in rows]


def store(tx: Connection, changed: Sequence[Changed]) -> None:
    """Store new data, revisions and times."""
    number, is_sqlite = change_numbers.next_number(tx), tx.dialect.name == "sqlite"
    values = [
        {
            "document_id": one.document_id,
            "new_data": _text(one.data) if is_sqlite else one.data,
            "new_revision": one.revision,
            "new_updated_at": one.updated_at,
            "new_changed": number,
        }
        for one in changed
    ]
    if is_sqlite:
        _store_on_sqlite.run_each(tx, values)
    else:
        tx.execute(_store, values)


def _of_text(row: tuple[Any, ...]) -> DocumentRow:
    values = list(row)
    values[_DATA] = msgspec.json.decode(values[_DATA])
    return DocumentRow(*values)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
