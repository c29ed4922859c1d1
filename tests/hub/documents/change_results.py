"""What changes of documents lead to, in a form that can be compared, and what a change alone would lead to."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import Connection

from teaching_nb.errors import OperationalError
from teaching_nb.hub.documents import changes
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.outcomes import Outcome
from tests.harness.cast import Cast
from tests.hub.scenes import Scene

_KINDS = ("None", "RO", "RW")


class _Undo(Exception):
    """Ends a transaction whose result is all that counts."""


def told(result: Any) -> Any:
    """Return what can be compared of an outcome or a refusal: everything but times."""
    if isinstance(result, OperationalError):
        extra = {key: getattr(value, "data", value) for key, value in result.extra.items()}
        return type(result), result.message, extra
    assert isinstance(result, Outcome)
    return result.record.data, result.record.revision, [_notification(one) for one in result.notifications]


def alone(tx: Connection, change: Change) -> Any:
    """Return what comes of a change that is made alone, and undo it."""
    result: Any = None
    try:
        with tx.begin_nested():
            try:
                result = changes.change(tx, change)
            except OperationalError as error:
                result = error
            raise _Undo
    except _Undo:
        return result


async def every_kind_of_change(scene: Scene, cast: Cast) -> list[list[Change]]:
    """Make documents with all accesses; return, for all callers and ways of asking, a change of each of them."""
    settings = itertools.product(_KINDS, _KINDS, (None, "RO", "RW", "None"), (None, "RW"))
    ids = []
    for root, shared, group, user in settings:
        root_id = await scene.root(
            root,
            shared,
            groups={cast.class_a: group, cast.class_b: "RO"} if group else {},
            users={cast.student1.id: user, cast.student3.id: "None"} if user else {},
        )
        ids.append(await scene.document(cast.student1, root_id))
    callers = (cast.admin, cast.teacher, cast.teacher2, cast.student1, cast.student2, cast.student3)
    questions = itertools.product(callers, (False, True), ((None, "y"), (1, "x"), (7, "y")))
    return [
        [Change(person.actor, document_id, {"code": code}, on_behalf_of, revision) for document_id in ids]
        for person, on_behalf_of, (revision, code) in questions
    ]


def _notification(one: Any) -> Any:
    audience = one.audience
    payload = {key: value for key, value in one.event.payload().items() if key != "updatedAt"}
    accesses = [
        {user: sorted(found) for user, found in part.items()}
        for part in (audience.user_accesses, audience.group_accesses)
    ]
    rest = (audience.document_id, audience.author_id, audience.root_access, audience.shared_access, audience.managers)
    return one.event.name, payload, set(one.rooms), rest, accesses, one.to_self, one.not_subscribed_to
