"""The questions of a quiz, as a notebook names them: checked, and in the form that pages get. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents, wire
from teaching_nb.schema.misfits import Misfit, misfits_in
from teaching_nb.schema.scoring import DeductedPoints, FixedPoints, Policy
from teaching_nb.widgets.answer import can_be_chosen
from teaching_nb.widgets.arguments import check_text, texts

KEYS = ("qid", "ask", "options", "multiple", "shuffle", "points")
FIXED = ("max", "incorrect", "unanswered")
DEDUCTED = ("max", "deduction", "allow_negative")

MOST_POINTS = 1_000_000

Points = float | int | Mapping[str, Any] | None


class QuizQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One question: options to choose from, or a statement to judge."""

    qid: str
    ask: str
    options: tuple[str, ...] = ()
    """Empty for a statement."""
    multiple: bool = False
    shuffle: bool = False
    policy: Policy = msgspec.field(default_factory=FixedPoints)

    @property
    def type_name(self) -> str:
        """Return the type of the documents that answer it."""
        return "choice_answer" if self.options else "true_false_answer"

    @property
    def key(self) -> str:
        """Return under which key of these the answer stands."""
        return "choices" if self.options else "value"

    def misfits_in(self, data: Any) -> tuple[Misfit, ...]:
        """Return what does not fit in a stored answer: its type, or what is asked here."""
        odd = misfits_in(documents.document_type(self.type_name), data)
        chosen = data.get("choices", []) if isinstance(data, dict) else []
        if not self.options or any(misfit.key in {"", "choices"} for misfit in odd):
            return odd
        is_possible = can_be_chosen(chosen, len(self.options), multiple=self.multiple)
        return odd if is_possible else (*odd, Misfit("choices", chosen, is_of_call=True))

    def in_words(self, data: Any) -> str:
        """Return what is answered in some data, in brackets; empty for what does not fit, and for nothing."""
        answer = data.get(self.key) if isinstance(data, dict) and not self.misfits_in(data) else None
        words = [str(answer).lower()] if isinstance(answer, bool) else [self.options[each] for each in answer or ()]
        return f"({', '.join(words)})" if words else ""

    def order_for(self, user_id: str) -> list[int]:
        """Return the order of the options for somebody: always the same one for the same person."""
        if not self.shuffle:
            return []
        numbers = list(range(len(self.options)))
        random.Random(f"{user_id} {self.qid}").shuffle(numbers)  # noqa: S311 - an order, not a secret
        return numbers

    def shown(self) -> dict[str, Any]:
        """Return what a page needs to ask."""
        return {"qid": self.qid, "ask": self.ask, "options": list(self.options), "multiple": self.multiple}

    def checked(self, choices: Sequence[int] | None, value: bool | None) -> list[int] | bool | None:  # noqa: FBT001
        """Return an answer that fits the question; raises `InvalidInput` otherwise."""
        if not self.options:
            if choices is not None:
                raise InvalidInput(f"the statement {self.qid!r} is true, false or None, not {list(choices)!r}")
            return value
        if value is not None or choices is None:
            raise InvalidInput(f"the question {self.qid!r} is answered with numbers of options, not {value!r}")
        wrong = [number for number in choices if not 0 <= number < len(self.options)]
        if wrong:
            raise InvalidInput(f"the question {self.qid!r} has options 0 to {len(self.options) - 1}, not {wrong[0]}")
        if len(choices) > 1 and not self.multiple:
            raise InvalidInput(f"the question {self.qid!r} has one answer, not {len(choices)}")
        return sorted(set(choices))


def parse_questions(questions: Sequence[Mapping[str, Any]], points: Points = None) -> list[QuizQuestion]:
    """Return the questions of a call; raises `InvalidInput` with the place of what cannot be."""
    given: Any = questions
    is_list = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    if not is_list or not all(isinstance(each, Mapping) for each in given):
        raise InvalidInput(f"questions of a quiz are a list of dicts, not {questions!r:.80}")
    if not questions:
        raise InvalidInput("a quiz needs at least one question")
    policy = _policy(points, "points")
    found = [_question(each, f"question {number}", policy) for number, each in enumerate(questions, 1)]
    qids = [question.qid for question in found]
    twice = next((qid for qid in qids if qids.count(qid) > 1), None)
    if twice is not None:
        raise InvalidInput(f"the qid {twice!r} is given twice: nobody could tell the answers apart")
    return found


def _question(given: Mapping[str, Any], place: str, policy: Policy) -> QuizQuestion:
    unknown = [key for key in given if key not in KEYS]
    if unknown:
        raise InvalidInput(f"{place} has an unknown key {unknown[0]!r}; there are {', '.join(KEYS)}")
    for key in ("qid", "ask"):
        if not isinstance(given.get(key), str) or not given[key].strip():
            raise InvalidInput(f"{place} needs {key!r}, a text, not {given.get(key)!r}")
        check_text(f"{key!r} of {place}", given[key])
    options = given.get("options")
    if options is not None:
        _check_options(options, place)
    for key in ("multiple", "shuffle"):
        if not isinstance(given.get(key, False), bool):
            raise InvalidInput(f"{key!r} of {place} is True or False, not {given[key]!r}")
        if given.get(key) and options is None:
            raise InvalidInput(f"{key!r} of {place} needs 'options': without them it is a statement")
    return QuizQuestion(
        qid=given["qid"],
        ask=given["ask"],
        options=tuple(options or ()),
        multiple=given.get("multiple", False),
        shuffle=given.get("shuffle", False),
        policy=_policy(given["points"], f"'points' of {place}") if "points" in given else policy,
    )


def _check_options(options: Any, place: str) -> None:
    texts(f"'options' of {place}", options)
    if len(options) < 2 or len(set(options)) < len(options):
        raise InvalidInput(f"'options' of {place} are at least two, each one once, not {list(options)!r:.80}")


def _policy(points: Points, place: str) -> Policy:
    """Return how answers are scored; raises `InvalidInput` for what is no policy."""
    if points is None:
        return FixedPoints()
    if isinstance(points, int | float) and not isinstance(points, bool):
        _check_numbers({"max": points}, place)
        return FixedPoints(max=float(points))
    if not isinstance(points, Mapping):
        raise InvalidInput(f"{place} is a number or a dict, not {points!r:.80}")
    kind: type[FixedPoints | DeductedPoints]
    if set(points) <= set(FIXED):
        kind = FixedPoints
    elif set(points) <= set(DEDUCTED):
        kind = DeductedPoints
    else:
        raise InvalidInput(
            f"{place} has {', '.join(FIXED)} or {', '.join(DEDUCTED)}, not {', '.join(map(str, points))}"
        )
    _check_numbers(points, place)
    try:
        made: Policy = wire.convert(_in_camel_case(points) | {"kind": kind.__struct_config__.tag}, kind)
    except InvalidInput as error:
        raise InvalidInput(f"{place}: {error.message}") from error
    return made


def _check_numbers(points: Mapping[str, Any], place: str) -> None:
    """Refuse numbers that nobody can have points of."""
    for key, number in points.items():
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        if not abs(number) <= MOST_POINTS:
            # Python shows no number of thousands of digits.
            shown = repr(number) if isinstance(number, float) else f"a number of {number.bit_length()} bits"
            raise InvalidInput(f"{place}: {key!r} is between -{MOST_POINTS} and {MOST_POINTS}, not {shown}")
        if number < 0 and key in {"max", "deduction"}:
            raise InvalidInput(f"{place}: {key!r} is 0 or more, not {number!r:.40}")


def _in_camel_case(points: Mapping[str, Any]) -> dict[str, Any]:
    return {"allowNegative" if key == "allow_negative" else key: value for key, value in points.items()}
