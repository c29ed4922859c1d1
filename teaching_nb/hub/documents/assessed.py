"""What has been assessed stays as it is: who may change answers and quizzes when. Pure.

A person who is not elevated changes nothing that was assessed, and cannot say themself that a quiz was: the hub does
that, which scores it then (`assessments`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from teaching_nb.errors import Forbidden, InvalidInput
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.outcomes import Notification
from teaching_nb.hub.room import ALL
from teaching_nb.schema import wire
from teaching_nb.schema.events import ChangedSelfCheck
from teaching_nb.schema.types.quiz_key import QuizKey

QUIZ = "quiz"
KEY = "quiz_key"
ANSWERS = ("choice_answer", "true_false_answer")
_KINDS = frozenset({QUIZ, *ANSWERS})

LOCKED = "this answer has been assessed and can be changed no more"
NOT_YOURS = "whether a quiz has been assessed is said by the hub: check it, or ask your teacher to"
OTHER_QUESTION = "which question of a quiz an answer belongs to cannot be changed"
QUIZ_LOCKED = "this quiz has been assessed and can be answered no more"


def check_change(actor: Actor, type_name: str, before: Any, after: Any) -> None:
    """Raise `Forbidden` for a change of what was assessed.

    `before` is a digest where a document is only remembered: the caller then reads it before anybody is refused.
    """
    if actor.is_elevated or type_name not in _KINDS:
        return
    if isinstance(before, bytes) or is_assessed(before):
        raise Forbidden(LOCKED)
    if qid_of(before) != qid_of(after):
        raise Forbidden(OTHER_QUESTION)
    if is_assessed(after) and is_part_of_a_quiz(type_name, after):
        raise Forbidden(NOT_YOURS)


def check_creation(data: Any, quizzes: Iterable[Any]) -> None:
    """Raise `Forbidden` for a new part of a quiz that was assessed; `quizzes` is the data of its author's."""
    if is_assessed(data):
        raise Forbidden(NOT_YOURS)
    if any(is_assessed(quiz) for quiz in quizzes):
        raise Forbidden(QUIZ_LOCKED)


def check_removal(actor: Actor, doomed: Iterable[Any]) -> None:
    """Raise `Forbidden` when one of the documents (rows) was assessed."""
    if not actor.is_elevated and any(row.type in _KINDS and is_assessed(row.data) for row in doomed):
        raise Forbidden(LOCKED)


def told_of_key(row: Any, before: Any, after: Any) -> tuple[Notification, ...]:
    """Return what everybody is told of a changed key: whether students may check themselves, where that is another.

    `row` is the key's document with its root.
    """
    counts = row.type == KEY and row.is_shared_main and not row.provisional
    if not counts or lets_check(before) == lets_check(after):
        return ()
    return (Notification(ChangedSelfCheck(id=row.root_id), (ALL,)),)


def lets_check(data: Any) -> bool:
    """Tell whether a key lets students have their own answers assessed."""
    key = key_in(data)
    return key is not None and key.self_check and bool(key.answers)


def key_in(data: Any) -> QuizKey | None:
    """Return what a key says is right; None for data that are no key."""
    try:
        key: QuizKey = wire.convert(data, QuizKey)
    except InvalidInput:
        return None
    return key


def is_part_of_a_quiz(type_name: str, data: Any) -> bool:
    """Tell whether a document is a quiz, or answers a question of one."""
    return type_name == QUIZ or is_answer(type_name, data)


def is_answer(type_name: str, data: Any) -> bool:
    """Tell whether a document answers a question of a quiz."""
    return type_name in ANSWERS and qid_of(data) is not None


def qid_of(data: Any) -> str | None:
    """Return which question of a quiz an answer belongs to."""
    qid = data.get("qid") if isinstance(data, dict) else None
    return qid if isinstance(qid, str) else None


def is_assessed(data: Any) -> bool:
    """Tell whether a quiz or an answer was assessed."""
    return isinstance(data, dict) and data.get("assessed") is True
