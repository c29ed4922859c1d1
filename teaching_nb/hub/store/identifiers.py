"""Ids that clients choose: one id means one thing, whatever kind of thing that is."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, union_all

from teaching_nb.errors import Conflict
from teaching_nb.hub.store.tables import document_roots, documents, student_groups, users

_taken = union_all(
    *(
        select(table.c.id).where(table.c.id == bindparam("id"))
        for table in (users, student_groups, document_roots, documents)
    )
)


def check_free(tx: Connection, id_: str) -> None:
    """Raise `Conflict` when a user, a group, a document root or a document has this id.

    Two who choose one id at the same moment read what the other writes: the database lets one of them through.
    """
    if tx.execute(_taken, {"id": id_}).first() is not None:
        raise Conflict(f"the id {id_} is taken: choose another one, such as a new random UUID")
