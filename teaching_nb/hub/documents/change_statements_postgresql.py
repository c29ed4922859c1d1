"""Statements with which documents are changed on PostgreSQL: read what decides, lock it, store if it still holds."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    String,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from teaching_nb.hub.access.facts import facts, facts_of_lists
from teaching_nb.hub.documents.rows import LOCK, present
from teaching_nb.hub.store.change_numbers import TRANSACTION_NUMBER
from teaching_nb.hub.store.posted_announcements import posting_statement
from teaching_nb.hub.store.postgresql_functions import Function
from teaching_nb.hub.store.postgresql_statements import statement
from teaching_nb.hub.store.statements import Statement
from teaching_nb.hub.store.tables import documents
from teaching_nb.schema.access import ACCESS_VALUES, kind

_present = present.cte("present")
_people = (
    select(_present.c.author_id.label("id"))
    .union(select(func.unnest(bindparam("caller_ids", type_=ARRAY(String)))))
    .cte("people")
)
_unshared = [value for value in ACCESS_VALUES if kind(value) == "None"]
_shared_roots = select(_present.c.root_id).where(
    or_(_present.c.is_shared_main, and_(*(_present.c.shared_access != value for value in _unshared)))
)
_facts_around = facts(
    lambda column: column.in_(select(_present.c.root_id)),
    lambda column: column.in_(_shared_roots),
    lambda column: column.in_(select(_people.c.id)),
).cte("facts")


def _digest(*columns: ColumnElement[Any]) -> ColumnElement[int]:
    return func.hashtextextended(func.concat_ws(literal_column("' '"), *columns), literal_column("0")).label("digest")


def _digest_of_document(document: FromClause, *live_id: ColumnElement[Any]) -> ColumnElement[int]:
    names = ("id", "author_id", "root_id", "is_shared_main", "revision", "updated_at")
    creator_id = func.coalesce(_present.c.creator_id, literal_column("''"))
    of_root = (_present.c.access, _present.c.shared_access, _present.c.provisional, creator_id)
    return _digest(*(document.c[name] for name in names), *of_root, *live_id)


def _digests(found: FromClause) -> Subquery:
    """Return a digest of each row that was read, with the document, root or person that it is about.

    Two things that differ have the same digest once in 2^64 times.
    """
    return union_all(
        select(found.c.of, _digest(*found.c)),
        select(_present.c.id, _digest_of_document(_present, _present.c.live_id)),
    ).subquery("digests")


def _as_json(value: ColumnElement[Any], table: FromClause) -> ColumnElement[str]:
    return cast(select(value).select_from(table).scalar_subquery(), Text)


_of_each = _digests(_facts_around)
_sums = select(_of_each.c.of, func.sum(_of_each.c.digest).label("sum")).group_by(_of_each.c.of).subquery("sums")
READ = statement(
    select(
        _as_json(func.json_agg(_present.table_valued()), _present),
        _as_json(func.json_agg(func.json_build_array(*_facts_around.c)), _facts_around),
        _as_json(func.json_object_agg(_sums.c.of, _sums.c.sum), _sums),
    )
)

# By now it is known of which roots and people; to find that out once more would take half as long again.
_of_all = _digests(facts_of_lists.subquery("facts"))
_sum = select(cast(func.sum(_of_all.c.digest), Text)).scalar_subquery()
_new = (
    func.unnest(
        bindparam("ids", type_=ARRAY(String)),
        bindparam("data", type_=ARRAY(Text)),
        bindparam("revisions", type_=ARRAY(BigInteger)),
        bindparam("times", type_=ARRAY(BigInteger)),
    )
    .table_valued("id", "data", "revision", "updated_at")
    .render_derived(name="new")
)
LOCK_ALL = statement(LOCK)


def _storing(isolation: str) -> Statement:
    return statement(
        update(documents)
        .where(
            documents.c.id == _new.c.id,
            _present.c.id == _new.c.id,
            _sum == bindparam("digest", type_=Text),
            # Whoever stands between hub and server may have dropped what the connection was set to.
            func.current_setting(literal_column("'transaction_isolation'")) == literal_column(f"'{isolation}'"),
        )
        .values(
            data=cast(_new.c.data, JSONB),
            revision=_new.c.revision,
            updated_at=_new.c.updated_at,
            changed=literal_column(TRANSACTION_NUMBER),
        )
        .returning(documents.c.id, _digest_of_document(documents))
    )


STORE = _storing("serializable")
"""Stores if the sum of the digests is the same; returns the id and the new digest of each document."""
STORE_LOCKED = _storing("read committed")


@cache
def locking_function() -> Function:
    """Return what locks, stores and posts with one call."""
    return Function("change_documents", LOCK_ALL, STORE_LOCKED, posting_statement())
