"""What is right in a quiz, as a teacher's kernel reads and writes it: a withheld document beside the quiz."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.schema import wire
from teaching_nb.schema.roots import shared_root_id
from teaching_nb.schema.types.quiz_key import TYPE
from teaching_nb.widgets.questions import QuizQuestion

LOAD_SECONDS = 20.0


class KeyOfQuiz:
    """Opened at the first use; on threads that may wait."""

    def __init__(self, room: Classroom, root_id: str, questions: Mapping[str, QuizQuestion]) -> None:
        self._room = room
        self._root_id = shared_root_id(root_id, TYPE.name)
        self._questions = questions

    def shown(self) -> dict[str, Any]:
        """Return what a teacher's page shows: `qid` → what is right, and whether students may check themselves."""
        data = self._data()
        answers = data.get("answers")
        known = answers if isinstance(answers, dict) else {}
        return {
            "answers": {qid: known[qid] for qid in self._questions if isinstance(known.get(qid), dict)},
            "selfCheck": data.get("selfCheck") is True,
        }

    def change(self, question: QuizQuestion, right: list[int] | bool | None) -> None:  # noqa: FBT001 - an answer
        """Say what is right for a question; nothing at all means that it is not scored."""
        answers = dict(self.shown()["answers"])
        answers.pop(question.qid, None)
        if right is not None and right != []:
            answers[question.qid] = {
                "choices": right if question.options else None,
                "value": None if question.options else right,
            }
        # How answers are scored stands in the notebook's call, and may have changed since.
        scored = {qid: answer | self._scoring(qid) for qid, answer in answers.items()}
        others = self._data().get("answers")
        rest = {qid: each for qid, each in (others or {}).items() if qid not in self._questions}
        self._model().data = {**self._data(), "answers": {**rest, **scored}}

    def allow_self_check(self, *, on: bool) -> None:
        """Let students have their own answers assessed, or no longer."""
        self._model().data = {**self._data(), "selfCheck": on}

    def wait_saved(self, timeout: float) -> None:
        """Return when the hub has stored it."""
        self._model().wait_saved(timeout)

    def _scoring(self, qid: str) -> dict[str, Any]:
        question = self._questions[qid]
        return {"multiple": question.multiple, "points": wire.to_plain(question.policy)}

    def _model(self) -> DocumentModel:
        model = self._room.document(self._root_id, type=TYPE.name, shared="withheld")
        model.wait_loaded(LOAD_SECONDS)
        return model

    def _data(self) -> dict[str, Any]:
        data = self._model().data
        return data if isinstance(data, dict) else {}
