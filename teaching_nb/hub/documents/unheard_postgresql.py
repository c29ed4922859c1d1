"""What other processes have stored and this one has not told, read with one statement.

Somebody waits for each look before they see a letter. As two jobs, one for the logs and one for what is posted, it took
2 ms of the 2.4 that a letter needs to the other process: BEGIN, the statements and ROLLBACK are seven ways to the
server and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, Boolean, LargeBinary, String, bindparam, cast, func, null, select, union_all
from sqlalchemy import literal_column as literal

from teaching_nb.hub.documents.log_entries import LogEntry, Missed, entry
from teaching_nb.hub.store.posted_announcements import OLDEST_RUNNING, Page, Posted
from teaching_nb.hub.store.postgresql_statements import Statements, statement
from teaching_nb.hub.store.tables import documents, live_texts, live_updates
from teaching_nb.hub.store.tables import posted_announcements as posted

_BOUND, _POSTED, _ENTRY = 0, 1, 2
"""What a row is. All come from one snapshot: what was committed before an entry of a log is seen with it."""


class Unheard(NamedTuple):
    """What is not told here."""

    posted: Page
    logs: dict[str, Missed]
    """By document; those without anything new are missing."""


def _word(value: Any = None) -> Any:
    return cast(null() if value is None else value, String)


def _number(value: Any = None) -> Any:
    return cast(null() if value is None else value, BigInteger)


def _kind(kind: int) -> Any:
    return literal(str(kind)).label("kind")


_told = (
    func.unnest(bindparam("ids", type_=ARRAY(String)), bindparam("heads", type_=ARRAY(BigInteger)))
    .table_valued("id", "head")
    .render_derived(name="told")
)
_logs = live_updates.c
_rows = union_all(
    select(
        _kind(_BOUND),
        _word().label("of"),
        OLDEST_RUNNING.label("number"),
        _number().label("head"),
        _number().label("behind"),
        _number().label("at"),
        _word().label("by"),
        cast(null(), LargeBinary).label("content"),
        cast(null(), Boolean).label("is_packed"),
    ),
    select(
        _kind(_POSTED),
        posted.c.process,
        posted.c.number,
        _number(),
        _number(),
        posted.c.created_at,
        _word(),
        posted.c.body,
        cast(null(), Boolean),
    ).where(posted.c.number > bindparam("posted")),
    select(
        _kind(_ENTRY),
        _logs.document_id,
        _logs.number,
        live_texts.c.head,
        documents.c.revision - live_texts.c.materialized,
        _logs.created_at,
        _logs.author_id,
        _logs.update,
        _logs.is_packed,
    ).select_from(
        _told.join(live_texts, (live_texts.c.document_id == _told.c.id) & (live_texts.c.head > _told.c.head))
        .join(documents, documents.c.id == _told.c.id)
        .join(live_updates, (_logs.document_id == _told.c.id) & (_logs.number > _told.c.head))
    ),
).subquery("unheard")
_LOOK = statement(select(_rows).order_by(_rows.c.kind, _rows.c.number))


class UnheardReader:
    """Looks into the database, one look after the other."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def read(self, heads: Mapping[str, int], after: int) -> Unheard:
        """Return what logs have beyond these numbers, and what was posted with a higher number than `after`."""
        values = {"ids": list(heads), "heads": list(heads.values()), "posted": after}
        bound, *rows = await self._statements.read(_LOOK, values)
        announcements, entries, about = [], dict[str, list[LogEntry]](), dict[str, tuple[int, int]]()
        for kind, of, number, head, behind, at, by, content, is_packed in rows:
            if kind == _POSTED:
                announcements.append(Posted(number, of, content))
            else:
                entries.setdefault(of, []).append(entry(number, by, at, content, is_packed=is_packed))
                about[of] = head, behind
        return Unheard(
            Page(announcements, bound["number"]),
            {document_id: Missed(tuple(found), *about[document_id]) for document_id, found in entries.items()},
        )
