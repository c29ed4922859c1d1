"""A quiz from kernel to kernel, with a real hub; and the questions that a call may ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import Forbidden, InvalidInput
from teaching_nb.widgets.document import DocumentWidget
from teaching_nb.widgets.questions import QuizQuestion, parse_questions
from teaching_nb.widgets.quiz import QuizWidget
from tests.harness.cast import ALICE
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import wait_until
from tests.widgets.recording import Sent

QUESTIONS: list[dict[str, Any]] = [
    {"qid": "home", "ask": "Where are we?", "options": ["Venus", "Earth", "Mars"], "shuffle": True, "points": 2},
    {"qid": "gas", "ask": "Which are of gas?", "options": ["Earth", "Jupiter", "Saturn"], "multiple": True},
    {"qid": "round", "ask": "The Earth is round."},
]
RIGHT: dict[str, Any] = {"home": 1, "gas": [1, 2], "round": True}


def ask(widget: DocumentWidget, kind: str, **content: Any) -> dict[str, Any]:
    """Let a page ask the widget, and return the answer."""
    sent = Sent()
    widget.send = sent  # what was sent is looked at
    widget._handle_custom_msg({"kind": kind, "peer": "page", "ask": 1, **content}, [])
    return sent.wait("answer")


def answer(widget: QuizWidget, qid: str, value: Any) -> str:
    """Let a page answer a question; return the refusal, empty for none."""
    content = {"choices": value} if isinstance(value, list) else {"value": value}
    return str(ask(widget, "answer_question", qid=qid, **content)["refusal"])


def in_file(widget: QuizWidget) -> str:
    """Return what a front end may write into a notebook's file."""
    return json.dumps([dict(widget.get_state()), widget.written()], default=str)


def planets(room: Classroom) -> QuizWidget:
    """Open the quiz, and wait for the hub."""
    widget = tnb.quiz("planets", QUESTIONS, shuffle=True, room=room)
    widget.model.wait_loaded(30)
    return widget


def test_what_another_program_has_stored_with_it_is_told(alice: Classroom, a_hub: HubProcess) -> None:
    """Only true is assessed, as at the hub; the questions can be answered, and what is odd stays."""
    widget = planets(alice)
    for data in (None, {"assessed": "x"}, {"questionOrder": [1, 1]}, {"questionOrder": "x"}):
        a_hub.ask("PUT", f"/documents/{widget.model.id}", ALICE, {"data": data})
        [(key, value)] = data.items() if isinstance(data, dict) else [("", None)]
        wait_until(lambda: widget.misfits == [{"key": key, "value": value}], "it is told")  # noqa: B023 - at once
        assert answer(widget, "round", value=True) == ""
        assert a_hub.stored(widget.model.id, ALICE) == data


@pytest.mark.parametrize(
    ("qid", "odd", "key"),
    [
        ("home", {"choices": "x"}, "choices"),
        ("home", {"choices": [-1]}, "choices"),
        ("gas", {"choices": [1], "assessed": "no"}, "assessed"),
        ("round", {"value": 1}, "value"),
    ],
)
def test_an_answer_of_another_program_that_does_not_fit_is_never_rewritten(
    alice: Classroom, a_hub: HubProcess, qid: str, odd: dict[str, Any], key: str
) -> None:
    """It is told what does not fit, and refused with what its author can do; assigned as a whole it can be answered."""
    mine = planets(alice)
    valid = next(each for each in mine._questions.values() if each.qid == qid)
    data = {**odd, "qid": qid, "colour": "red"}
    made = {"type": valid.type_name, "documentRootId": mine.model.root_id, "data": data}
    document_id = a_hub.ask("POST", "/documents", ALICE, made)["id"]

    wait_until(lambda: mine.odd_answers == {qid: [{"key": key, "value": odd[key]}]}, "it is told")
    assert mine.answers == ({qid: [1]} if key == "assessed" else {})
    refusal = answer(mine, qid, [0] if valid.options else True)

    assert f"{key} is {json.dumps(odd[key])}" in refusal
    assert f'assigning `.answer_document("{qid}").data` in Python' in refusal
    assert a_hub.stored(document_id, ALICE) == data
    model = mine.answer_document(qid)
    model.data = {"qid": qid}
    model.wait_saved(30)
    wait_until(lambda: mine.odd_answers == {}, "it fits")
    assert answer(mine, qid, [0] if valid.options else True) == ""


def test_an_answer_that_only_the_call_does_not_have_is_told_and_answered_anew(
    alice: Classroom, a_hub: HubProcess
) -> None:
    """As in a choice outside a quiz: options that are asked no more, and several where one may choose one."""
    mine = planets(alice)
    below = alice.documents_below(mine.model.root_id)
    document_id = below.add({"qid": "home", "choices": [0, 9], "colour": "red"}, "choice_answer")
    told = {"home": [{"key": "choices", "value": [0, 9], "is_of_call": True}]}
    wait_until(lambda: mine.odd_answers == told, "it is told")
    assert mine.answers == {}

    assert answer(mine, "home", [1]) == ""

    assert a_hub.stored(document_id, ALICE) == {"qid": "home", "choices": [1], "colour": "red"}
    wait_until(lambda: mine.odd_answers == {}, "it fits")


def test_a_key_of_another_program_that_does_not_fit_is_never_rewritten(tina: Classroom, a_hub: HubProcess) -> None:
    """One answer of it that is none is enough; assigned as a whole it can be said anew what is right."""
    staff = planets(tina)
    staff.set_key({"home": 1})
    key = staff.key_document()
    odd = {"answers": {"home": {"choices": "all"}, "gas": 5}, "selfCheck": False}
    a_hub.ask("PUT", f"/documents/{key.id}", "teacher", {"data": odd})
    wait_until(lambda: key.data == odd, "the other program's key")

    for refused in ({"answers": {"round": True}}, {"answers": {}, "self_check": True}):
        with pytest.raises(InvalidInput, match=r"answers is .*assigning `.key_document\(\).data` in Python"):
            staff.set_key(**refused)
    assert a_hub.stored(key.id, "teacher") == odd

    key.data = {}
    staff.set_key({"round": True})
    assert list(a_hub.stored(key.id, "teacher")["answers"]) == ["round"]


def test_it_is_answered_assessed_and_locked(
    tina: Classroom, alice: Classroom, connect_as: ConnectAs, a_hub: HubProcess
) -> None:
    """The teacher says what is right and assesses; the student sees the points, and can change nothing more."""
    staff, mine = planets(tina), planets(alice)
    staff.set_key(RIGHT)
    assert (staff.is_staff, mine.is_staff) == (True, False)
    assert [answer(mine, *each) for each in (("home", [0]), ("home", [1]), ("gas", [2]), ("round", True))] == [""] * 4
    wait_until(lambda: mine.answers == {"home": [1], "gas": [2], "round": True}, "the answers")
    wait_until(lambda: len(alice.documents_below(mine.model.root_id)) == len(("quiz", *RIGHT)), "one document each")
    before = ask(mine, "assessment")["value"]
    assert (before["isAssessed"], before["mayCheck"], before["questions"]) == (False, False, [])
    assert "your teacher assesses this quiz" in ask(mine, "check_quiz")["refusal"]

    (row,) = ask(staff, "class")["value"]
    assert (row["name"], row["points"], row["isAssessed"]) == ("Alice Adams", 3.0, False)
    (row,) = ask(staff, "assess", documents=[row["documentId"]], on=True)["value"]

    assert row["isAssessed"] is True
    wait_until(lambda: mine.data.get("assessed"), "the student's kernel hears of it")
    result = ask(mine, "assessment")["value"]
    assert {each["qid"]: each["points"] for each in result["questions"]} == {"home": 2.0, "gas": 0.0, "round": 1.0}
    assert (result["points"], result["maxPoints"]) == (3.0, 4.0)
    assert "assessed and can be answered no more" in answer(mine, "gas", [1, 2])
    again = planets(connect_as(ALICE))
    wait_until(lambda: again.answers == {"home": [1], "gas": [2], "round": True}, "another kernel finds the answers")
    assert again.data["questionOrder"] == mine.data["questionOrder"]
    assert again.questions[0]["order"] == mine.questions[0]["order"] != []

    # A program of the student's that goes past the widget is refused by the hub.
    record = next(each for each in alice.documents_below(mine.model.root_id) if each.data.get("qid") == "gas")
    model = alice.open_document(record.id)
    model.data = {**model.data, "choices": [1, 2], "assessed": False}
    with pytest.raises(Forbidden, match="not saved"):
        model.wait_saved(30)
    assert a_hub.stored(record.id, ALICE)["choices"] == [2]


def test_what_is_right_reaches_no_student_before(tina: Classroom, alice: Classroom, bob: Classroom) -> None:
    """Neither their kernel nor a file has it; where students may check themselves they see it after that alone."""
    staff, mine, theirs = planets(tina), planets(alice), planets(bob)
    staff.set_key(RIGHT, self_check=True)
    assert ask(staff, "key")["value"]["answers"]["gas"]["choices"] == [1, 2]
    for kind in ("key", "class"):
        assert ask(mine, kind)["refusal"]
    assert "said by teachers" in ask(mine, "change_key", qid="home", choices=[0])["refusal"]
    with pytest.raises(Forbidden, match="said by teachers"):
        mine.set_key(RIGHT)
    wait_until(lambda: ask(mine, "assessment")["value"]["mayCheck"], "students may check themselves")

    result = ask(mine, "check_quiz")["value"]

    assert [each["choices"] for each in result["questions"]] == [[1], [1, 2], None]
    wait_until(lambda: mine.data.get("assessed") is True, "their own kernel hears of it")
    assert ask(theirs, "assessment")["value"]["questions"] == []
    assert '"points"' not in in_file(staff)
    assert in_file(staff).count("choices") == 0


def test_students_hear_that_they_may_check_themselves(tina: Classroom, alice: Classroom) -> None:
    """In each cell that shows the quiz, without doing anything; and that they may no longer."""
    mine = [planets(alice), planets(alice)]
    assert all(answer(mine[0], qid, each) == "" for qid, each in (("home", [1]), ("gas", [2]), ("round", True)))
    staff = planets(tina)
    staff.set_key(RIGHT)
    for is_allowed in (True, False):
        before = [each.key_changes for each in mine]

        staff.set_key({}, self_check=is_allowed)

        for each, heard in zip(mine, before, strict=True):
            wait_until(lambda: each.key_changes > heard, "it is told")  # noqa: B023 - at once
            assert ask(each, "assessment")["value"]["mayCheck"] is is_allowed


def test_points_of_a_class_follow_what_is_right(tina: Classroom, alice: Classroom, connect_as: ConnectAs) -> None:
    """Whoever says it, in whichever kernel: by the time that it is told the hub scores by it."""
    staff, other, mine = planets(tina), planets(connect_as("teacher")), planets(alice)
    assert answer(mine, "home", [1]) == ""
    for widget in (staff, other):
        assert [row["points"] for row in ask(widget, "class")["value"]] == [0.0]
    before = staff.key_changes, other.key_changes

    staff.set_key({"home": 1})

    for widget, heard in zip((staff, other), before, strict=True):
        wait_until(lambda: widget.key_changes > heard, "it is told")  # noqa: B023 - at once
        assert [row["points"] for row in ask(widget, "class")["value"]] == [2.0]


def test_points_of_a_class_follow_what_is_answered(tina: Classroom, alice: Classroom) -> None:
    """Of who has not opened the quiz yet, too; and of nobody before a page has asked, or after the widget is closed."""
    staff = planets(tina)
    staff.set_key({"home": 1})
    mine = planets(alice)
    assert answer(mine, "gas", [2]) == ""
    assert staff.class_changes == 0
    assert [row["points"] for row in ask(staff, "class")["value"]] == [0.0]
    for value, points in ((1, 2.0), (0, 0.0), (1, 2.0)):
        heard = staff.class_changes

        assert answer(mine, "home", [value]) == ""

        wait_until(lambda: staff.class_changes > heard, "it is told")  # noqa: B023 - at once
        wait_until(lambda: [row["points"] for row in ask(staff, "class")["value"]] == [points], "it is scored")  # noqa: B023
    staff.close()
    wait_until(lambda: not tina.followed._listeners, "nobody is followed for nothing")


def test_who_opens_a_quiz_comes_to_the_class_that_is_shown(tina: Classroom, alice: Classroom) -> None:
    """Nobody had opened it when the class was asked for."""
    staff = planets(tina)
    assert ask(staff, "class")["value"] == []
    heard = staff.class_changes

    planets(alice)

    wait_until(lambda: staff.class_changes > heard, "it is told")
    wait_until(lambda: len(ask(staff, "class")["value"]) == 1, "they are listed")


def test_a_key_is_changed_and_taken_back(tina: Classroom, a_hub: HubProcess) -> None:
    """Each question by itself, with how it is scored by this call; keys of others survive."""
    staff = planets(tina)
    staff.set_key({"home": 1})
    key = tina.document(staff._key._root_id, type="quiz_key", shared="withheld")  # type: ignore[union-attr]
    a_hub.ask("PUT", f"/documents/{key.id}", "teacher", {"data": {**key.data, "colour": "red"}})
    wait_until(lambda: "colour" in key.data, "the other program's key")

    shown = ask(staff, "change_key", qid="round", value=False)["value"]
    assert (shown["answers"]["round"]["value"], shown["selfCheck"]) == (False, False)
    ask(staff, "change_key", qid="home", choices=[])
    ask(staff, "change_key", self_check=True)

    stored = a_hub.stored(key.id, "teacher")
    assert (list(stored["answers"]), stored["selfCheck"], stored["colour"]) == (["round"], True, "red")
    assert stored["answers"]["round"]["points"] == {"kind": "fixed", "max": 1.0, "incorrect": 0.0, "unanswered": 0.0}


def test_a_key_is_changed_as_a_whole_or_not_at_all(tina: Classroom) -> None:
    """One answer that cannot be keeps the others from being stored; None takes an answer back."""
    staff = planets(tina)
    staff.set_key({"home": 1, "round": True})
    before = ask(staff, "key")["value"]["answers"]

    refused: list[tuple[str, Any]] = [
        ("home", 5),
        ("gas", "1"),
        ("gas", [1, "2"]),
        ("gas", 1.5),
        ("gas", []),
        ("nope", None),
    ]
    for qid, right in refused:
        with pytest.raises(InvalidInput, match=qid):
            staff.set_key({"round": False, qid: right})
    assert ask(staff, "key")["value"]["answers"] == before

    staff.set_key({"round": None})
    assert list(ask(staff, "key")["value"]["answers"]) == ["home"]


def test_what_the_call_asks_now_counts(tina: Classroom, alice: Classroom) -> None:
    """Other points count from the assessment on; a question that is asked no more is named, and can be taken out."""
    planets(tina).set_key(RIGHT)
    mine = planets(alice)
    assert answer(mine, "round", True) == ""
    staff = tnb.quiz("planets", [{**QUESTIONS[2], "points": 7}], room=tina)
    staff.model.wait_loaded(30)
    assert sorted(ask(staff, "key")["value"]["others"]) == ["gas", "home"]

    assert ask(staff, "change_key", qid="gas")["value"]["others"] == ["home"]
    staff.set_key({"home": None})
    ask(staff, "assess", documents=[mine.model.id], on=True)

    result = ask(mine, "assessment")["value"]
    assert (result["points"], result["maxPoints"], len(result["questions"])) == (7.0, 7.0, 1)


def test_points_of_now_count_where_nothing_else_was_changed(tina: Classroom, alice: Classroom) -> None:
    """The teacher changes the call, runs it, and assesses."""
    planets(tina).set_key(RIGHT)
    mine = planets(alice)
    assert answer(mine, "home", [1]) == ""
    staff = tnb.quiz("planets", [QUESTIONS[0] | {"points": 5}, *QUESTIONS[1:]], room=tina)
    staff.model.wait_loaded(30)

    ask(staff, "assess", documents=[mine.model.id], on=True)

    result = ask(mine, "assessment")["value"]
    assert (result["points"], result["maxPoints"]) == (5.0, 7.0)


def test_an_answer_that_was_refused_can_be_given_when_it_is_open_again(
    tina: Classroom, alice: Classroom, a_hub: HubProcess
) -> None:
    """The refusal says why, nothing of it is stored later by itself, and it is not the end."""
    staff, mine = planets(tina), planets(alice)
    staff.set_key(RIGHT)
    assert answer(mine, "round", True) == ""
    record = next(each for each in alice.documents_below(mine.model.root_id) if each.type == "true_false_answer")
    model = alice.open_document(record.id)
    model.wait_loaded(30)
    # As when the teacher assesses at the moment in which the student answers: their page does not know it yet.
    a_hub.ask("PUT", f"/documents/{record.id}?onBehalfOf=true", "teacher", {"data": {**record.data, "assessed": True}})
    wait_until(lambda: model.data.get("assessed") is True, "the answer is assessed")

    refusal = answer(mine, "round", False)

    assert "this answer has been assessed and can be changed no more" in refusal
    a_hub.ask("PUT", f"/documents/{record.id}?onBehalfOf=true", "teacher", {"data": {**record.data, "assessed": False}})
    wait_until(lambda: model.data.get("assessed") is False, "the answer is open again")
    assert a_hub.stored(record.id, ALICE)["value"] is True
    assert answer(mine, "round", False) == ""
    assert a_hub.stored(record.id, ALICE)["value"] is False


def test_a_refused_change_stays_readable_and_is_not_sent_when_the_quiz_is_open_again(
    tina: Classroom, alice: Classroom, a_hub: HubProcess
) -> None:
    """Whoever has read that it is not saved is not surprised later; they assign it once more, or give it up."""
    staff, mine, beside = planets(tina), planets(alice), planets(alice)
    staff.set_key(RIGHT)
    assert answer(mine, "round", False) == ""
    wait_until(lambda: beside.answers == {"round": False}, "the other cell")
    document_id = mine._ids["round"]
    stored = _assessed(a_hub, document_id, is_assessed=True)
    wait_until(lambda: beside._given["round"].data["assessed"], "it is assessed")
    model = mine.answer_document("round")
    model.wait_loaded(30)
    model.data = {**stored, "value": True, "assessed": False}

    with pytest.raises(Forbidden, match=r"assessed and can be changed no more.*assign it once more.*`model.discard"):
        model.wait_saved(30)
    for widget in (mine, beside):
        wait_until(lambda: widget.refused_answers.keys() == {"round"}, "it is told")  # noqa: B023 - at once
        told = widget.refused_answers["round"]
        assert "answering “The Earth is round. (true)” did not work: the hub refuses: this answer has been" in told
    for is_assessed in (False, True, False):
        _assessed(a_hub, document_id, is_assessed=is_assessed)
        wait_until(lambda: model.revision >= _revision(a_hub, document_id), "the author's kernel knows")
    assert a_hub.stored(model.id, ALICE)["value"] is False
    assert (mine.answers["round"], mine.refused_answers) == (False, {"round": told})

    model.data = {**model.data, "value": True}

    assert model.wait_saved(30)
    assert a_hub.stored(model.id, ALICE)["value"] is True
    wait_until(lambda: mine.refused_answers == beside.refused_answers == {}, "nothing is refused any more")


def test_a_refused_change_is_given_up(tina: Classroom, alice: Classroom, a_hub: HubProcess) -> None:
    """What the hub has is shown then, and nothing is said of it any more."""
    mine = planets(alice)
    planets(tina).set_key(RIGHT)
    assert answer(mine, "home", [0]) == ""
    model = mine.answer_document("home")
    model.wait_loaded(30)
    stored = _assessed(a_hub, model.id, is_assessed=True)
    wait_until(lambda: model.revision >= _revision(a_hub, model.id), "the author's kernel knows")
    model.data = stored | {"choices": [2]}
    wait_until(lambda: "“Where are we? (Mars)”" in mine.refused_answers.get("home", ""), "it is told")

    model.discard()

    wait_until(lambda: mine.refused_answers == {}, "it is given up")
    assert (model.data["choices"], model.save_state) == ([0], "saved")


def _assessed(hub: HubProcess, document_id: str, *, is_assessed: bool) -> dict[str, Any]:
    """Lock an answer, or open it again, as its teacher does; return what the hub has then."""
    stored: dict[str, Any] = hub.stored(document_id, ALICE) | {"assessed": is_assessed}
    hub.ask("PUT", f"/documents/{document_id}?onBehalfOf=true", "teacher", {"data": stored})
    return stored


def _revision(hub: HubProcess, document_id: str) -> int:
    found: int = hub.ask("GET", f"/documents/{document_id}", ALICE)["document"]["revision"]
    return found


def test_of_two_answers_at_the_same_moment_both_kernels_show_the_one_that_counts(
    alice: Classroom, connect_as: ConnectAs
) -> None:
    """That is the older one, as at the hub; and the next answer changes it."""
    first, second = planets(alice), planets(connect_as(ALICE))
    assert answer(first, "home", [0]) == ""
    wait_until(lambda: second.answers.get("home") == [0], "the other kernel hears of it")
    # As if it had not heard of it in time.
    second._ids.pop("home")

    assert answer(second, "home", [1]) == ""

    wait_until(lambda: len(_answers_to(second, "home")) == 2, "there are two answers")
    wait_until(lambda: second.answers["home"] == [0], "the older one counts")
    assert answer(second, "home", [2]) == ""
    wait_until(lambda: first.answers["home"] == second.answers["home"] == [2], "both follow")
    assert sorted(_answers_to(second, "home")) == [[1], [2]]


def _answers_to(widget: QuizWidget, qid: str) -> list[Any]:
    """Return all answers to a question that the kernel knows of."""
    records = widget._below.records if widget._below is not None else ()
    return [record.data["choices"] for record in records if record.data.get("qid") == qid]


def test_as_text_and_without_questions(alice: Classroom) -> None:
    """An export holds the answers; a teacher who watches has no questions, and says so."""
    mine = planets(alice)
    answer(mine, "home", [2])
    wait_until(lambda: mine.answers, "the answer is there")

    assert mine.as_text().splitlines()[:4] == ["Where are we?", "  [ ] Venus", "  [ ] Earth", "  [x] Mars"]
    assert mine.as_text().splitlines()[-1] == "  not answered"
    watched = QuizWidget(offline_model("quiz", None), title="quiz of Alice")
    assert (watched.questions, watched.answers, watched.as_text()) == ([], {}, "")


@pytest.mark.parametrize(
    ("qid", "value", "words"),
    [
        ("home", [3], "has options 0 to 2, not 3"),
        ("home", [0, 1], "has one answer, not 2"),
        ("home", True, "answered with numbers of options, not True"),
        ("round", [0], "is true, false or None, not [0]"),
        ("moon", True, "no question 'moon'; it has home, gas, round"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_in_words(qid: str, value: Any, words: str) -> None:
    """The page is told; nothing is stored."""
    widget = tnb.quiz("planets", QUESTIONS, room=offline_classroom())

    assert words in answer(widget, qid, value)


@pytest.mark.parametrize(
    ("questions", "points", "words"),
    [
        ([], None, "at least one question"),
        ({"qid": "a"}, None, "a list of dicts"),
        (["a"], None, "a list of dicts"),
        ([{"qid": "a"}], None, "question 1 needs 'ask', a text, not None"),
        ([{"qid": 5, "ask": "?"}], None, "question 1 needs 'qid', a text, not 5"),
        ([{"qid": "a", "ask": "?", "answer": 1}], None, "unknown key 'answer'; there are qid, ask, options"),
        ([{"qid": "a", "ask": "?"}, {"qid": "a", "ask": "!"}], None, "'a' is given twice"),
        ([{"qid": "a", "ask": "?", "options": ["x"]}], None, "question 1 are at least two"),
        ([{"qid": "a", "ask": "?", "options": "xy"}], None, "a list of texts, not 'xy'"),
        ([{"qid": "a", "ask": "?", "multiple": True}], None, "'multiple' of question 1 needs 'options'"),
        ([{"qid": "a", "ask": "?", "shuffle": 1}], None, "'shuffle' of question 1 is True or False, not 1"),
        ([{"qid": "a", "ask": "?", "points": "2"}], None, "'points' of question 1 is a number or a dict, not '2'"),
        ([{"qid": "a", "ask": "?"}], {"most": 1}, "points has max, incorrect, unanswered or max, deduction"),
        ([{"qid": "a", "ask": "?"}], {"max": "1"}, "points: .*Expected `float`"),
        (QUESTIONS, float("nan"), "'max' is between -1000000 and 1000000, not nan"),
        (QUESTIONS, {"max": 1, "incorrect": float("-inf")}, "'incorrect' is between -1000000 and 1000000, not -inf"),
        (QUESTIONS, {"max": 10**5000}, "'max' is between -1000000 and 1000000, not a number of 16610 bits"),
        (QUESTIONS, -3, "'max' is 0 or more, not -3"),
        (QUESTIONS, {"max": 1, "deduction": -1}, "'deduction' is 0 or more, not -1"),
    ],
)
def test_questions_that_cannot_be_are_a_mistake_in_the_notebook(questions: Any, points: Any, words: str) -> None:
    """The error names place, key and value, before anything is opened."""
    with pytest.raises(InvalidInput, match=words):
        tnb.quiz("odd", questions, points=points, room=offline_classroom())


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        (None, {"max": 1.0, "incorrect": 0.0, "unanswered": 0.0}),
        (3, {"max": 3.0, "incorrect": 0.0, "unanswered": 0.0}),
        ({"max": 2, "incorrect": -1}, {"max": 2.0, "incorrect": -1.0, "unanswered": 0.0}),
        (
            {"max": 2, "deduction": 0.5, "allow_negative": True},
            {"max": 2.0, "deduction": 0.5, "allow_negative": True},
        ),
    ],
)
def test_both_policies_can_be_asked_for(points: Any, wanted: Mapping[str, Any]) -> None:
    """For all questions, or for one of them."""
    first, second = parse_questions([{"qid": "a", "ask": "?"}, {"qid": "b", "ask": "!", "points": 9}], points)

    assert {name: getattr(first.policy, name) for name in wanted} == wanted
    assert second.policy.max == 9


def test_an_order_belongs_to_a_person() -> None:
    """It is the same one whenever they come, before anything is stored, and mostly another one for others."""
    question = QuizQuestion(qid="a", ask="?", options=tuple("abcdefgh"), shuffle=True)
    orders: Sequence[list[int]] = [question.order_for(str(person)) for person in range(20)]

    assert orders == [question.order_for(str(person)) for person in range(20)]
    assert all(sorted(order) == list(range(8)) for order in orders)
    assert len({tuple(order) for order in orders}) > 10
