"""A quiz: questions with one answer each, which a teacher, or the hub for the student, assesses together.

What is right lies on the hub (`quiz_key`). Neither a trait nor an output of a widget holds it: both may become a part
of a notebook's file, which students are given.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from traitlets import Bool, Dict, Int, List

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.collection import DocumentCollection
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import Forbidden, InvalidInput, NotConnected
from teaching_nb.schema import hub_kinds
from teaching_nb.schema.misfits import Misfit, refusal
from teaching_nb.schema.records import Document
from teaching_nb.schema.types.quiz import TYPE
from teaching_nb.widgets import messages
from teaching_nb.widgets.answer import limit_choices, limit_order
from teaching_nb.widgets.arguments import check_flag
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.classroom_widget import ClassroomWidget
from teaching_nb.widgets.document import DataWidget, show
from teaching_nb.widgets.questions import Points, QuizQuestion, parse_questions
from teaching_nb.widgets.quiz_class import ClassOfQuiz, as_shown
from teaching_nb.widgets.quiz_keys import KeyOfQuiz, Right, parts_of
from teaching_nb.widgets.refused_answers import RefusedAnswers

SAVE_SECONDS = 20.0
LOCKED = "this quiz has been assessed and can be answered no more"


def quiz(
    slug: str,
    questions: Sequence[Mapping[str, Any]],
    *,
    shuffle: bool = False,
    points: Points = None,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> QuizWidget:
    """Return a quiz for the document root `slug`.

    A question is a dict: `qid`, its name, which stays; `ask`, what is asked; `options`, a list of texts, for a choice
    (`multiple`, `shuffle`), none for a statement that is true or false. `points`, of one question or of all, is a
    number, or `{"max", "incorrect", "unanswered"}`, or `{"max", "deduction", "allow_negative"}`.
    `shuffle` draws an order of the questions for each person. What is right is no part of the call: a teacher
    says it in the widget, or with `set_key`.
    """
    known = parse_questions(questions, points)
    check_flag("shuffle", shuffle)
    # Also in the order of the call: overviews know by it how many questions there are.
    order = random.sample(range(len(known)), len(known)) if shuffle else [*range(len(known))]
    init = {"questionOrder": order} if order else None
    return show(QuizWidget, slug, init=init, questions=known, title=title, course=course, room=room)


class QuizWidget(ClassroomWidget, DataWidget, shows=TYPE):
    """The questions; for teachers also what is right, and how their students stand."""

    questions: List[dict[str, Any]] = List().tag(sync=True)
    "What is asked: `qid`, `ask`, `options` and `multiple` of each, and `order`, that of the options for this person."
    answers = Dict().tag(sync=True)
    "`qid` → the user's answer: numbers of options, true or false; not there where what is stored does not fit."
    odd_answers = Dict().tag(sync=True)
    "`qid` → what another program has stored in the answer that does not fit, as in `misfits`."
    refused_answers = Dict().tag(sync=True)
    "`qid` → a sentence about an answer that this kernel holds and the hub has refused; it is sent no more by itself."
    is_staff = Bool().tag(sync=True)
    "Whether the user says what is right, and assesses."
    key_changes = Int().tag(sync=True)
    "How often it was heard that something else is right, or that students may check themselves: pages then ask anew."

    class_changes = Int().tag(sync=True)
    "How often it was heard that the class may stand otherwise, once a page has asked how it does."

    shows_by_itself: ClassVar[bool] = False
    watched: ClassVar[tuple[str, ...]] = ("is_loaded",)

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.AnswerQuestion: "_answer_question",
        messages.ShowAssessment: "_show_assessment",
        messages.CheckQuiz: "_check_quiz",
        messages.ShowKey: "_show_key",
        messages.ChangeKey: "_change_key",
        messages.ShowClass: "_show_class",
        messages.Assess: "_assess",
    }

    def __init__(
        self,
        model: DocumentModel,
        *,
        room: Classroom | None = None,
        questions: Sequence[QuizQuestion] = (),
        **options: Any,
    ) -> None:
        self._questions = {question.qid: question for question in questions}
        self._given: dict[str, Document] = {}
        self._ids: dict[str, str] = {}
        """`qid` → the document that answers it."""
        self._just: dict[str, tuple[str, Any]] = {}
        """`qid` → an answer that is stored, with its document, and that the collection has not told of yet."""
        self._refused = RefusedAnswers(self._take_answers)
        self._below: DocumentCollection | None = None
        self._key = KeyOfQuiz(room, model.root_id, self._questions, self._take_news) if room is not None else None
        self._class = ClassOfQuiz(room, model.root_id, self._hear_of_class) if room is not None else None
        if self._questions:
            limit_order(model, "questionOrder", len(self._questions), "questions")
        super().__init__(model, room=room, **options)

    def state(self) -> dict[str, Any]:
        """Return the traits; never what is right."""
        user = self._user()
        my_id = user.id if user else ""
        shown = [question.shown() | {"order": question.order_for(my_id)} for question in self._questions.values()]
        state = super().state() | {"questions": shown, **self._told(), "is_staff": self._is_staff()}
        if self._is_staff() and not self._scores():
            state |= {"is_staff": False, "notice": state["notice"] or hub_kinds.NO_SCORING}
        return state

    def find_misfits(self) -> tuple[Misfit, ...]:
        """Return what does not fit: also an order that has a question twice."""
        odd, order = super().find_misfits(), self.value_of("data").get("questionOrder", [])
        is_told = any(misfit.key in {"", "questionOrder"} for misfit in odd)
        return odd if is_told or len(set(order)) == len(order) else (*odd, Misfit("questionOrder", order))

    def show_model(self) -> None:
        """Make the traits equal to the model's, and follow the answers as soon as there is a root for them."""
        super().show_model()
        if self._below is None and self._room is not None and self._questions and self.value_of("is_loaded"):
            self._below = self._room.documents_below(self.model.root_id)
            self._below.observe(self._take_answers, "records")
            self._room.quizzes.follow(self.model.root_id, self._take_news)
            self._take_answers(None)

    def as_text(self) -> str:
        """Return the questions with the user's answers."""
        lines = []
        for question in self._questions.values():
            lines += [
                question.ask,
                *(f"  {line}" for line in _answer_lines(question, self._answers().get(question.qid))),
            ]
        return "\n".join(lines)

    def answer_document(self, qid: str) -> DocumentModel:
        """Return the document that answers a question; raises `InvalidInput` where nothing has been answered."""
        question = self._question(qid)
        if qid not in self._ids:
            raise InvalidInput(f"the question {qid!r} has no answer yet")
        return self._opened(question, self._ids[qid])

    def key_document(self) -> DocumentModel:
        """Return the document that says what is right; raises `Forbidden` for students."""
        return self._demanded_key().document()

    def set_key(
        self, answers: Mapping[str, int | Sequence[int] | bool | None], *, self_check: bool | None = None
    ) -> None:
        """Say what is right, as a teacher: `qid` → the number of an option, several numbers, or True or False.

        None takes back what was said: the question is not scored then. `self_check` lets students have their own
        answers assessed. Returns when the hub has stored it. Raises `InvalidInput` for an answer that its question
        cannot have, and then nothing is changed; `Forbidden` for students.
        """
        if not isinstance(answers, Mapping):
            raise InvalidInput(f"set_key() takes a dict, qid → what is right, not {answers!r:.60}")
        if self_check is not None:
            check_flag("self_check", self_check)
        key = self._demanded_key()
        key.change({qid: self._right(key, qid, *parts_of(qid, right)) for qid, right in answers.items()})
        if self_check is not None:
            key.allow_self_check(on=self_check)
        key.wait_saved(SAVE_SECONDS)

    def assign(self, key: str, value: Any) -> None:
        """Refuse: pages answer questions, and do not change the frame around them."""
        raise InvalidInput(f"{key!r} of a quiz is not assigned by a page ({value!r})")

    def close(self) -> None:
        """Answer no more."""
        if self._below is not None:
            self._below.unobserve(self._take_answers, "records")
            self._demanded_room().quizzes.unfollow(self.model.root_id, self._take_news)
        if self._key is not None:
            self._key.close()
        if self._class is not None:
            self._class.close()
        self._refused.close()
        super().close()

    def _take_news(self, news: tuple[str, DocumentModel] | None = None) -> None:
        """Take that another cell has opened an answer, or that something has changed of the key."""
        if news is None:
            self.key_changes += 1
        else:
            self._refused.follow(*news)
            self._take_answers(None)

    def _take_answers(self, _change: Any) -> None:
        user = self._user()
        records = self._below.records if self._below is not None and user is not None else ()
        if self._class is not None:
            self._class.take(records)
        given: dict[str, Document] = {}
        told: dict[str, Any] = {}
        for record in records:
            qid = _key_of(record.data, "qid")
            question = self._questions.get(qid) if isinstance(qid, str) else None
            if user is not None and record.author_id == user.id and question and record.type == question.type_name:
                # The oldest counts, as at the hub.
                given.setdefault(question.qid, record)
                told[record.id] = self._answer_in(record, question)
        self._given = given
        self._ids |= {qid: record.id for qid, record in given.items()}
        for qid, record in given.items():
            self._refused.follow(qid, self._demanded_room().quizzes.open_answer(record.id))
        self._just = {qid: (each, answer) for qid, (each, answer) in self._just.items() if told.get(each) != answer}
        with self.hold_sync():
            for name, value in self._told().items():
                setattr(self, name, value)
        if self._is_kept:
            self.keep_text()

    def _told(self) -> dict[str, Any]:
        """Return the traits about the answers."""
        found = {qid: self._questions[qid].misfits_in(record.data) for qid, record in self._given.items()}
        odd = {qid: [each.shown() for each in misfits] for qid, misfits in found.items() if misfits}
        refused = {qid: told for qid, each in self._questions.items() if (told := self._refused.said_of(each))}
        return {"answers": self._answers(), "odd_answers": odd, "refused_answers": refused}

    def _answers(self) -> dict[str, Any]:
        told = {qid: self._answer_in(record, self._questions[qid]) for qid, record in self._given.items()}
        # What does not fit is no answer that is understood.
        understood = {qid: answer for qid, answer in told.items() if answer is not None}
        return understood | {qid: answer for qid, (_, answer) in self._just.items()}

    def _answer_in(self, record: Document, question: QuizQuestion) -> Any:
        """Return what is answered; None where that does not fit."""
        is_odd = any(misfit.key == question.key for misfit in question.misfits_in(record.data))
        return None if is_odd else _key_of(record.data, question.key)

    def _question(self, qid: str) -> QuizQuestion:
        found = self._questions.get(qid)
        if found is None:
            raise InvalidInput(f"this quiz has no question {qid!r}; it has {', '.join(self._questions) or 'none here'}")
        return found

    # what pages ask

    def _answer_question(self, message: messages.AnswerQuestion, reply: Reply) -> None:
        question = self._question(message.qid)
        answer = question.checked(message.choices, message.value)
        if self.data.get("assessed") is True:
            raise Forbidden(LOCKED)
        self._errands.run(lambda: self._store(question, answer), reply, f"answering “{question.ask[:60]}”")

    def _store(self, question: QuizQuestion, answer: list[int] | bool | None) -> None:  # noqa: FBT001 - an answer
        below = self._below
        if below is None:
            raise NotConnected("the hub has not answered for this quiz yet")
        below.wait_loaded(SAVE_SECONDS)
        key, document_id = question.key, self._ids.get(question.qid)
        if document_id is None:
            user = self._user()
            data: dict[str, Any] = {key: answer, "assessed": False, "qid": question.qid}
            if question.options:
                data["optionsOrder"] = question.order_for(user.id if user else "")
            # The collection tells of it later than the next answer may come.
            document_id = self._ids[question.qid] = below.add(data, question.type_name)
        else:
            model = self._opened(question, document_id)
            model.data = {**self._known_answer(question, model), key: answer, "qid": question.qid}
            try:
                model.wait_saved(SAVE_SECONDS)
            except Forbidden as error:
                # Whoever answers is told so at once, and decides anew: there is nothing to be kept.
                why = model.gate.facts.rejection
                model.discard()
                raise Forbidden(f"not saved: {why}") if why else error from None
        self._just = {**self._just, question.qid: (document_id, answer)}
        self._take_answers(None)

    def _opened(self, question: QuizQuestion, document_id: str) -> DocumentModel:
        model = self._demanded_room().open_document(document_id, question.type_name)
        if question.options:
            limit_choices(model, len(question.options), multiple=question.multiple)
        self._demanded_room().quizzes.opened(self.model.root_id, (question.qid, model))
        return model

    def _known_answer(self, question: QuizQuestion, model: DocumentModel) -> dict[str, Any]:
        """Return what is stored for a question; raises `InvalidInput` where that would be lost by a change."""
        record = self._given.get(question.qid)
        if record is None:
            model.wait_loaded(SAVE_SECONDS)
        data = model.data if record is None or model.is_loaded else record.data
        odd = [misfit for misfit in question.misfits_in(data) if not misfit.is_of_call]
        if odd:
            raise InvalidInput(refusal(odd, f'.answer_document("{question.qid}").data'))
        known: dict[str, Any] = data
        return known

    def _scores(self) -> bool:
        """Tell whether the hub assesses quizzes."""
        return self._room is None or hub_kinds.SCORING not in self._room.lacking

    def _show_assessment(self, _message: messages.ShowAssessment, reply: Reply) -> None:
        if not self._scores():
            # Nobody has pressed anything: there is nothing to be told.
            reply.give(None)
            return
        quizzes = self._demanded_room().quizzes
        self._errands.run(lambda: as_shown(quizzes.assessment(self._stored_id())), reply, "scoring")

    def _check_quiz(self, _message: messages.CheckQuiz, reply: Reply) -> None:
        self._errands.run(
            lambda: as_shown(self._demanded_room().quizzes.assess(self._stored_id())), reply, "checking the answers"
        )

    def _show_key(self, _message: messages.ShowKey, reply: Reply) -> None:
        self._errands.run(lambda: self._demanded_key().shown(), reply, "asking for what is right")

    def _change_key(self, message: messages.ChangeKey, reply: Reply) -> None:
        def job() -> dict[str, Any]:
            key = self._demanded_key()
            if message.qid:
                key.change({message.qid: self._right(key, message.qid, message.choices, message.value)})
            if message.self_check is not None:
                key.allow_self_check(on=message.self_check)
            key.wait_saved(SAVE_SECONDS)
            return key.shown()

        self._errands.run(job, reply, "saying what is right")

    def _right(self, key: KeyOfQuiz, qid: str, choices: Sequence[int] | None, value: bool | None) -> Right:  # noqa: FBT001
        """Return a correct answer that fits its question; one that is asked no more can only be taken out."""
        is_taken_out = choices is None and value is None
        if is_taken_out and (qid in self._questions or qid in key.shown()["others"]):
            return None
        return self._question(qid).checked(choices, value)

    def _show_class(self, _message: messages.ShowClass, reply: Reply) -> None:
        self._errands.run(self._class_rows, reply, "asking how the class stands")

    def _assess(self, message: messages.Assess, reply: Reply) -> None:
        def job() -> list[dict[str, Any]]:
            if message.on and self._key is not None:
                # What the call says of points may have changed since it was said what is right.
                self._key.change({})
                self._key.wait_saved(SAVE_SECONDS)
            for document_id in message.documents:
                self._demanded_room().quizzes.assess(document_id, is_assessed=message.on)
            return self._class_rows()

        self._errands.run(job, reply, "assessing")

    def _class_rows(self) -> list[dict[str, Any]]:
        self._demanded_room()
        if self._key is not None:
            self._key.follow()
        return self._class.rows() if self._class is not None else []

    def _hear_of_class(self) -> None:
        self.class_changes += 1

    def _stored_id(self) -> str:
        if not self.model.id:
            raise NotConnected("the hub has not answered for this quiz yet")
        return self.model.id

    def _demanded_key(self) -> KeyOfQuiz:
        if not self._is_staff():
            raise Forbidden("what is right is said by teachers")
        if self._key is None:
            raise NotConnected("this is shown without a classroom: open it in the notebook that names it")
        return self._key


def _key_of(data: Any, key: str) -> Any:
    return data.get(key) if isinstance(data, dict) else None


def _answer_lines(question: QuizQuestion, answer: Any) -> list[str]:
    if not question.options:
        return [
            {True: "true", False: "false"}.get(answer, "not answered") if isinstance(answer, bool) else "not answered"
        ]
    chosen = answer if isinstance(answer, list) else []
    return [f"[{'x' if number in chosen else ' '}] {option}" for number, option in enumerate(question.options)]
