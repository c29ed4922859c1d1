"""Quizzes: scoring the answers with the key that students do not see, and locking them.

The key is the shared main document of type `quiz_key` below the root that belongs to the quiz's own
(`schema/roots.py`). One that no elevated person has made counts for nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from teaching_nb.errors import Forbidden, InvalidInput, NotFound, OperationalError
from teaching_nb.hub.access.rights import Rights
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.documents import changes, documents
from teaching_nb.hub.documents.assessed import ANSWERS, KEY, QUIZ, is_answer, is_assessed, key_in, qid_of
from teaching_nb.hub.documents.changes import Change
from teaching_nb.hub.outcomes import Notification, Outcome
from teaching_nb.hub.people import users
from teaching_nb.hub.store.tables import documents as documents_table
from teaching_nb.schema import scoring
from teaching_nb.schema.access import is_writable
from teaching_nb.schema.records import Assessment, QuestionResult
from teaching_nb.schema.roots import shared_root_id
from teaching_nb.schema.types.quiz_key import CorrectAnswer, QuizKey

NO_KEY = "nobody has said yet what is right: the correct answers of this quiz are missing"
NOT_BY_YOU = "your teacher assesses this quiz"


def find(tx: Connection, actor: Actor, document_id: str) -> Assessment:
    """Return how a quiz was scored; its author sees that when it has been assessed."""
    return _seen(tx, actor, _quiz(tx, actor, document_id))


def of_root(tx: Connection, actor: Actor, root_id: str) -> list[Assessment]:
    """Return the quizzes below a root whose authors an elevated caller manages, but not their own."""
    if not actor.is_elevated:
        raise Forbidden("Not Authorized")
    rows = documents.candidates(tx, root_id=root_id, document_type=QUIZ)
    return [
        _seen(tx, actor, row)
        for row in rows
        if row.author_id != actor.user_id and users.is_managed(tx, actor, row.author_id)
    ]


def assess(tx: Connection, actor: Actor, document_id: str, *, is_assessed: bool) -> Outcome[Assessment]:
    """Lock a quiz with its answers, or, for elevated callers, open them again; all of it is announced.

    An author may lock their own where the key allows it. Raises `Forbidden` otherwise, `InvalidInput` without a key.
    """
    quiz = _quiz(tx, actor, document_id)
    rights, key = Rights.read(tx, quiz, actor), _key(tx, quiz.root_id)
    if not (actor.is_elevated and rights.looks_after(actor)):
        may_check = key is not None and key.self_check and is_writable(rights.effective(actor))
        if not (is_assessed and may_check):
            raise Forbidden(NOT_BY_YOU)
    if is_assessed and (key is None or not key.answers):
        raise InvalidInput(NO_KEY)
    told: list[Notification] = []
    wanted = [
        Change(actor, row.id, {**row.data, "assessed": is_assessed}, on_behalf_of=True, is_assessing=True)
        for row in (quiz, *_answers(tx, quiz))
        if isinstance(row.data, dict)
    ]
    for result in changes.change_all(tx, wanted):
        if isinstance(result, OperationalError):
            raise result
        told += result.notifications
    return Outcome(find(tx, actor, document_id), tuple(told))


def _quiz(tx: Connection, actor: Actor, document_id: str) -> Row[Any]:
    row = documents.find_row(tx, document_id)
    rights = None if row is None else Rights.read(tx, row, actor)
    if row is None or rights is None or row.type != QUIZ or not (rights.is_author(actor) or rights.looks_after(actor)):
        raise NotFound("there is no such quiz, or you may not see it")
    return row


def _answers(tx: Connection, quiz: Row[Any]) -> list[Row[Any]]:
    """Return the author's answers, oldest first."""
    query = select(documents_table).where(
        documents_table.c.root_id == quiz.root_id,
        documents_table.c.author_id == quiz.author_id,
        documents_table.c.type.in_(ANSWERS),
    )
    rows = tx.execute(query.order_by(documents_table.c.created_at, documents_table.c.id))
    return [row for row in rows if is_answer(row.type, row.data)]


def _key(tx: Connection, root_id: str) -> QuizKey | None:
    row = documents.shared_main(tx, root_id=shared_root_id(root_id, KEY), document_type=KEY)
    return None if row is None or row.provisional else key_in(row.data)


def _seen(tx: Connection, actor: Actor, quiz: Row[Any]) -> Assessment:
    key, is_done, is_author = _key(tx, quiz.root_id), is_assessed(quiz.data), quiz.author_id == actor.user_id
    may_check = bool(key and key.self_check and key.answers) and is_author and not is_done
    found = Assessment(
        document_id=quiz.id, author_id=quiz.author_id, is_assessed=is_done, may_check=may_check, questions=[]
    )
    if key is None or not (is_done or actor.is_elevated):
        return found
    given: dict[str, Any] = {}
    for row in _answers(tx, quiz):
        # What was made later, or is not locked with the rest, counts for nothing.
        if is_assessed(row.data) or not is_done:
            given.setdefault(str(qid_of(row.data)), row.data)
    results = [_result(qid, correct, given.get(qid)) for qid, correct in key.answers.items()]
    return msgspec.structs.replace(
        found,
        questions=results,
        points=sum(result.points for result in results),
        max_points=sum(result.max_points for result in results),
    )


def _result(qid: str, correct: CorrectAnswer, given: Any) -> QuestionResult:
    if correct.choices is None:
        value = given.get("value") if isinstance(given, dict) else None
        chosen, wanted = _as_choice(value), _as_choice(correct.value)
    else:
        numbers = given.get("choices") if isinstance(given, dict) else None
        chosen = [one for one in numbers if isinstance(one, int)] if isinstance(numbers, list) else []
        wanted = correct.choices
    policy = correct.points or scoring.FixedPoints()
    found = scoring.marks(chosen, wanted, multiple=correct.multiple)
    return QuestionResult(
        qid=qid,
        is_answered=bool(chosen),
        points=scoring.points(found, policy, is_answered=bool(chosen)),
        max_points=policy.max,
        hits=found.hits,
        misses=found.misses,
        max_hits=found.max_hits,
        choices=correct.choices,
        value=correct.value,
    )


def _as_choice(value: Any) -> list[int]:
    """Return a judgement as the one option that it is; none for no judgement."""
    return [int(value)] if isinstance(value, bool) else []
