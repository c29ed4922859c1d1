"""Quizzes at the hub: what is right stays there, what was assessed stays as it is, and the hub scores."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.schema.events import SYNC_DOCUMENT
from teaching_nb.schema.roots import root_id, shared_root_id
from tests.harness.cast import Caller, Cast
from tests.harness.listeners import Connect

SLUG = "planets"
ROOT = root_id(SLUG)
KEY_ROOT = shared_root_id(ROOT, "quiz_key")
KEY: dict[str, Any] = {
    "answers": {
        "home": {"choices": [1], "points": {"kind": "fixed", "max": 2}},
        "gas": {"choices": [5, 6], "multiple": True, "points": {"kind": "deducted", "max": 3, "deduction": 1}},
        "round": {"value": True, "points": {"kind": "fixed", "max": 1, "incorrect": -1}},
    }
}


async def keyed(teacher: Caller, *, self_check: bool = False) -> None:
    """Have a teacher say what is right."""
    of_root = {"access": "None_DocumentRoot", "sharedAccess": "RO_DocumentRoot"}
    data = {**KEY, "selfCheck": self_check}
    body = {"type": "quiz_key", "documentRootId": KEY_ROOT, "shared": True, "root": of_root, "data": data}
    assert (await teacher.post("/documents/main", body)).status_code == 200


async def quiz_of(caller: Caller) -> str:
    """Have somebody open the quiz; return its id."""
    body = {"type": "quiz", "documentRootId": ROOT, "root": {"name": SLUG}, "data": {"questionOrder": []}}
    found: str = (await caller.post("/documents/main", body)).json()["id"]
    return found


async def answer(caller: Caller, qid: str, **values: Any) -> str:
    """Have somebody answer a question; return the document's id."""
    kind = "true_false_answer" if "value" in values else "choice_answer"
    data = {"qid": qid, "assessed": False, **values}
    made = await caller.post("/documents", {"type": kind, "documentRootId": ROOT, "data": data})
    assert made.status_code == 200, made.text
    found: str = made.json()["id"]
    return found


async def assess(caller: Caller, quiz: str, *, is_assessed: bool = True) -> Any:
    """Have a quiz assessed, or opened again; return the hub's answer."""
    return await caller.put(f"/documents/{quiz}/assessment", {"isAssessed": is_assessed})


def scored(assessment: dict[str, Any]) -> dict[str, float]:
    """Return the points of each question."""
    return {question["qid"]: question["points"] for question in assessment["questions"]}


@pytest.mark.on_both_databases
async def test_a_teacher_assesses_and_the_answers_are_locked(
    a_teacher: Caller, a_student: Caller, a_cast: Cast, connect_as: Connect
) -> None:
    """The hub scores each question and tells the author's sockets; nothing can be changed, deleted or added."""
    listener = await connect_as(a_cast.student1)
    await keyed(a_teacher)
    quiz = await quiz_of(a_student)
    home, gas = await answer(a_student, "home", choices=[1]), await answer(a_student, "gas", choices=[5])
    plain = await a_student.post(
        "/documents", {"type": "choice_answer", "documentRootId": ROOT, "data": {"choices": [2]}}
    )
    before = (await a_student.get(f"/documents/{quiz}/assessment")).json()
    assert (before["isAssessed"], before["questions"], before["points"]) == (False, [], None)
    assert (await assess(a_student, quiz)).status_code == 403

    assessment = (await assess(a_teacher, quiz)).json()

    assert scored(assessment) == {"home": 2.0, "gas": 2.0, "round": 0.0}
    assert (assessment["points"], assessment["maxPoints"], assessment["authorId"]) == (4.0, 6.0, a_cast.student1.id)
    assert (await a_student.get(f"/documents/{quiz}/assessment")).json() == assessment
    changed = await listener.heard_so_far("CHANGED_DOCUMENT")
    assert {event["id"]: event["data"]["assessed"] for event in changed} == {quiz: True, home: True, gas: True}
    unlocked = {"choices": [5, 6], "assessed": False, "qid": "gas"}
    for path, data in (
        (gas, unlocked),
        (gas, {**unlocked, "assessed": True}),
        (quiz, {"assessed": False}),
        (quiz, None),
    ):
        refused = await a_student.put(f"/documents/{path}", {"data": data})
        assert (refused.status_code, "has been assessed" in refused.text) == (403, True), refused.text
    assert (await a_student.delete(f"/documents/{home}")).status_code == 403
    assert (await a_student.delete(f"/documents/{quiz}")).status_code == 403
    late = {"type": "true_false_answer", "documentRootId": ROOT, "data": {"qid": "round", "value": True}}
    assert "can be answered no more" in (await a_student.post("/documents", late)).text
    assert "can be answered no more" in (await a_student.post("/documents/main", late)).text
    # An answer that belongs to no quiz does not become one of it.
    moved = await a_student.put(f"/documents/{plain.json()['id']}", {"data": {"choices": [1], "qid": "round"}})
    assert "cannot be changed" in moved.text
    assert (await a_student.get(f"/documents/{quiz}/assessment")).json() == assessment


@pytest.mark.on_both_databases
async def test_everybody_is_told_that_students_may_check_themselves(
    a_teacher: Caller, a_student: Caller, a_cast: Cast, connect_as: Connect
) -> None:
    """When it begins and when it ends, and not of what is right; of a key that counts for nothing nobody is told."""
    listener = await connect_as(a_cast.student1)
    await keyed(a_teacher)
    key = (
        await a_teacher.post("/documents/main", {"type": "quiz_key", "documentRootId": KEY_ROOT, "shared": True})
    ).json()
    other = {
        "type": "quiz_key",
        "documentRootId": root_id("other"),
        "shared": True,
        "root": {"sharedAccess": "RW_DocumentRoot"},
    }
    theirs = (await a_student.post("/documents/main", {**other, "data": KEY})).json()

    for data in (
        {**KEY, "selfCheck": True},
        {"answers": {"round": {"value": False}}, "selfCheck": True},
        {"answers": {}, "selfCheck": True},
        {"answers": {}, "selfCheck": False},
    ):
        assert (await a_teacher.put(f"/documents/{key['id']}", {"data": data})).status_code == 204
    assert (await a_student.put(f"/documents/{theirs['id']}", {"data": {**KEY, "selfCheck": True}})).status_code == 204

    told = await listener.heard_so_far("CHANGED_SELF_CHECK")
    assert told == [{"id": KEY_ROOT}] * 2
    assert not [event for event in await listener.heard_so_far("CHANGED_DOCUMENT") if event["id"] == key["id"]]


async def test_a_key_that_comes_with_the_permission_to_check_is_told(
    a_teacher: Caller, a_cast: Cast, connect_as: Connect
) -> None:
    """Students have perhaps opened the quiz before."""
    listener = await connect_as(a_cast.student1)

    await keyed(a_teacher, self_check=True)

    assert await listener.heard_so_far("CHANGED_SELF_CHECK") == [{"id": KEY_ROOT}]


async def test_a_teacher_opens_a_quiz_again(a_teacher: Caller, a_student: Caller) -> None:
    """What was locked can be changed, and the result is hidden; a teacher may correct an answer that is locked."""
    await keyed(a_teacher)
    quiz, home = await quiz_of(a_student), await answer(a_student, "home", choices=[0])
    await assess(a_teacher, quiz)
    corrected = {"choices": [1], "assessed": True, "qid": "home"}
    assert (
        await a_teacher.put(f"/documents/{home}", {"data": corrected}, params={"onBehalfOf": "true"})
    ).status_code == 204
    assert scored((await a_student.get(f"/documents/{quiz}/assessment")).json())["home"] == 2.0
    assert (await assess(a_student, quiz, is_assessed=False)).status_code == 403

    assert (await assess(a_teacher, quiz, is_assessed=False)).status_code == 200

    assert (await a_student.get(f"/documents/{quiz}/assessment")).json()["questions"] == []
    again = await a_student.put(f"/documents/{home}", {"data": {**corrected, "assessed": False, "choices": [2]}})
    assert again.status_code == 204


async def test_students_check_themselves_where_they_may(
    a_teacher: Caller, a_student: Caller, a_stranger: Caller
) -> None:
    """Once, and the hub scores; whoever is not the author finds no quiz."""
    await keyed(a_teacher, self_check=True)
    quiz = await quiz_of(a_student)
    await answer(a_student, "round", value=False)
    assert (await a_student.get(f"/documents/{quiz}/assessment")).json()["mayCheck"] is True
    assert (await assess(a_stranger, quiz)).status_code == 404

    assessment = (await assess(a_student, quiz)).json()

    assert scored(assessment) == {"home": 0.0, "gas": 1.0, "round": -1.0}
    assert (assessment["mayCheck"], assessment["questions"][2]["value"]) == (False, True)
    assert (await a_stranger.get(f"/documents/{quiz}/assessment")).status_code == 404


@pytest.mark.parametrize("way", ["document", "creation", "second quiz", "shared quiz"])
async def test_nobody_assesses_themself_by_hand(a_teacher: Caller, a_student: Caller, way: str) -> None:
    """Writing that a quiz was assessed is refused; a second quiz of theirs shows nothing either."""
    await keyed(a_teacher)
    quiz = await quiz_of(a_student)
    home = await answer(a_student, "home", choices=[0])
    if way == "document":
        answers = [
            await a_student.put(f"/documents/{quiz}", {"data": {"questionOrder": [], "assessed": True}}),
            await a_student.put(f"/documents/{home}", {"data": {"qid": "home", "choices": [0], "assessed": True}}),
        ]
    elif way == "creation":
        body = {"documentRootId": ROOT, "data": {"qid": "gas", "assessed": True}}
        kinds = ("quiz", "choice_answer", "true_false_answer")
        answers = [await a_student.post("/documents", {**body, "type": kind}) for kind in kinds]
    else:
        is_shared = way == "shared quiz"
        path = "/documents/main" if is_shared else "/documents"
        second_quiz = {"type": "quiz", "documentRootId": ROOT, "data": {}, "shared": is_shared}
        second = (await a_student.post(path, second_quiz)).json()["id"]
        answers = [await assess(a_student, second)]
        assert (await a_student.get(f"/documents/{second}/assessment")).json()["questions"] == []
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert (await a_student.get(f"/documents/{quiz}/assessment")).json()["isAssessed"] is False


async def test_a_second_quiz_does_not_buy_a_second_try(a_teacher: Caller, a_student: Caller) -> None:
    """Whoever has seen what is right, by whichever quiz of theirs, gives no answer after that."""
    await keyed(a_teacher, self_check=True)
    quiz = await quiz_of(a_student)
    body = {"type": "quiz", "documentRootId": ROOT, "data": {}, "shared": True}
    second = (await a_student.post("/documents/main", body)).json()["id"]
    await assess(a_student, second)

    late = {"type": "choice_answer", "documentRootId": ROOT, "data": {"qid": "home", "choices": [1]}}

    assert (await a_student.post("/documents", late)).status_code == 403
    assert scored((await assess(a_student, quiz)).json())["home"] == 0.0


async def test_the_key_is_nobodys_but_the_teachers(
    a_teacher: Caller, a_student: Caller, a_cast: Cast, connect_as: Connect
) -> None:
    """No question that a student may ask is answered with it, and one that they make counts for nothing."""
    mine = {**KEY, "selfCheck": True, "answers": {"home": {"choices": [0]}}}
    body = {"type": "quiz_key", "documentRootId": KEY_ROOT, "shared": True, "root": {}, "data": mine}
    await a_student.post("/documents/main", body)
    quiz = await quiz_of(a_student)
    assert (await assess(a_student, quiz)).status_code == 403
    listener = await connect_as(a_cast.student1)

    await keyed(a_teacher)

    for answer_of_hub in (
        await a_student.post("/documents/main", {**body, "root": {"access": "None_DocumentRoot"}}),
        await a_student.get(f"/documentRoots/{KEY_ROOT}"),
        await a_student.post("/sync", {"roots": [{"id": KEY_ROOT}]}),
        await a_student.get(f"/documents/{quiz}/assessment"),
        await a_student.get(f"/documentRoots/{ROOT}/assessments"),
    ):
        assert '"gas"' not in answer_of_hub.text, answer_of_hub.text
    await listener.heard_so_far()
    assert "'gas'" not in repr(listener.heard)


async def test_a_teacher_sees_the_quizzes_of_their_students_alone(
    a_teacher: Caller, another_teacher: Caller, a_student: Caller, a_stranger: Caller, a_cast: Cast
) -> None:
    """With the points that they would have now."""
    await keyed(a_teacher)
    for caller in (a_student, a_stranger, a_teacher):
        await quiz_of(caller)
    await answer(a_student, "home", choices=[1])

    mine = (await a_teacher.get(f"/documentRoots/{ROOT}/assessments")).json()
    theirs = (await another_teacher.get(f"/documentRoots/{ROOT}/assessments")).json()

    assert [(each["authorId"], scored(each)["home"], each["isAssessed"]) for each in mine] == [
        (a_cast.student1.id, 2.0, False)
    ]
    assert [each["authorId"] for each in theirs] == [a_cast.student3.id]


async def test_without_a_key_nothing_is_assessed(a_teacher: Caller, a_student: Caller) -> None:
    """The teacher reads why; a key that another program has stored and that does not fit is none."""
    quiz = await quiz_of(a_student)
    assert "correct answers of this quiz are missing" in (await assess(a_teacher, quiz)).text
    await keyed(a_teacher)
    key = (await a_teacher.get(f"/documentRoots/{KEY_ROOT}")).json()["documents"][0]["id"]
    await a_teacher.put(f"/documents/{key}", {"data": {"answers": {"home": {"choices": "all"}}}})

    assert (await assess(a_teacher, quiz)).status_code == 400


async def test_an_answer_cannot_be_changed_as_live_text(a_student: Caller, a_cast: Cast, connect_as: Connect) -> None:
    """That way of changing documents asks nobody about assessments; documents without a live text do not have it."""
    quiz, home = await quiz_of(a_student), await answer(a_student, "home", choices=[0])
    judged = await answer(a_student, "round", value=True)
    listener = await connect_as(a_cast.student1)

    for document_id in (quiz, home, judged):
        assert (await listener.call(SYNC_DOCUMENT, {"id": document_id, "stateVector": b"\x00"}))["ok"] is False
