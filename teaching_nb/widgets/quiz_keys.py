"""What is right in a quiz, as a teacher's kernel reads and writes it: a withheld document beside the quiz."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput, TeachingNbError
from teaching_nb.schema import wire
from teaching_nb.schema.misfits import refusal
from teaching_nb.schema.roots import shared_root_id
from teaching_nb.schema.types.quiz_key import TYPE
from teaching_nb.widgets.questions import QuizQuestion

LOAD_SECONDS = 20.0


Right = list[int] | bool | None


class KeyOfQuiz:
    """Opened at the first use, and followed from then on; on threads that may wait."""

    def __init__(
        self, room: Classroom, root_id: str, questions: Mapping[str, QuizQuestion], on_change: Callable[[], None]
    ) -> None:
        self._room = room
        self._root_id = shared_root_id(root_id, TYPE.name)
        self._questions = questions
        self._on_change = on_change
        """Called, on any thread, when the hub has something else of what is right."""
        self._followed: DocumentModel | None = None

    def shown(self) -> dict[str, Any]:
        """Return what a teacher's page shows: `qid` → what is right, and whether students may check themselves.

        `others` are the questions that are scored, too, and that the notebook does not ask (any more).
        """
        answers = self._answers()
        return {
            "answers": {qid: answers[qid] for qid in self._questions if qid in answers},
            "others": [qid for qid in answers if qid not in self._questions],
            "selfCheck": self._data().get("selfCheck") is True,
        }

    def change(self, rights: Mapping[str, Right]) -> None:
        """Say at once what is right for some questions; nothing at all means that one is not scored.

        How answers are scored stands in the notebook's call, and may have changed since: now that of this call counts.
        """
        self._check_fits()
        answers = self._answers()
        for qid, right in rights.items():
            answers.pop(qid, None)
            if right is not None and right != []:
                is_choice = isinstance(right, list)
                answers[qid] = {"choices": right if is_choice else None, "value": None if is_choice else right}
        answers = {qid: answer | self._scoring(qid) for qid, answer in answers.items()}
        if answers != self._data().get("answers", {}):
            self.document().data = {**self._data(), "answers": answers}

    def allow_self_check(self, *, on: bool) -> None:
        """Let students have their own answers assessed, or no longer."""
        self._check_fits()
        self.document().data = {**self._data(), "selfCheck": on}

    def wait_saved(self, timeout: float) -> None:
        """Return when the hub has stored it."""
        self.document().wait_saved(timeout)

    def _check_fits(self) -> None:
        """Refuse a change of what another program has stored and the type does not have: it would be lost."""
        if odd := self.document().misfits:
            raise InvalidInput(refusal(odd, ".key_document().data"))

    def _answers(self) -> dict[str, dict[str, Any]]:
        answers = self._data().get("answers")
        found = answers.items() if isinstance(answers, dict) else ()
        return {qid: answer for qid, answer in found if isinstance(answer, dict)}

    def _scoring(self, qid: str) -> dict[str, Any]:
        question = self._questions.get(qid)
        return {} if question is None else {"multiple": question.multiple, "points": wire.to_plain(question.policy)}

    def document(self) -> DocumentModel:
        """Return the document, as soon as the hub has answered for it."""
        model = self._room.document(self._root_id, type=TYPE.name, shared="withheld")
        model.wait_loaded(LOAD_SECONDS)
        if self._followed is not model:
            self.close()
            self._followed = model
            # Points are asked for at the hub: what it has not stored yet does not count.
            model.observe(self._take_change, "revision")
        return model

    def follow(self) -> None:
        """Hear of what is right from now on, where one may see it."""
        with contextlib.suppress(TeachingNbError):
            self.document()

    def close(self) -> None:
        """Hear of it no more."""
        if self._followed is not None:
            self._followed.unobserve(self._take_change, "revision")

    def _take_change(self, _change: object) -> None:
        self._on_change()

    def _data(self) -> dict[str, Any]:
        data = self.document().data
        return data if isinstance(data, dict) else {}


def parts_of(qid: str, right: Any) -> tuple[Sequence[int] | None, bool | None]:
    """Return an answer as choices and value; raises `InvalidInput` for what is neither."""
    if right is None or isinstance(right, bool):
        return None, right
    numbers = [right] if isinstance(right, int) else right
    if numbers == []:
        raise InvalidInput(
            f"nothing is right for {qid!r}: say None to leave it out of the scoring; where no option is right, offer "
            "one that says so"
        )
    is_list = isinstance(numbers, Sequence) and not isinstance(numbers, str)
    if not is_list or not all(type(number) is int for number in numbers):
        raise InvalidInput(
            f"what is right for {qid!r} is the number of an option, a list of numbers, True, False or None, "
            f"not {right!r:.80}"
        )
    return numbers, None
