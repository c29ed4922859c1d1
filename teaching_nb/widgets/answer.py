"""Base of the widgets that show an answer which somebody may assess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import Forbidden
from teaching_nb.widgets.document import DataWidget

LOCKED = "this answer has been assessed and can be changed no more"


class AnswerWidget(DataWidget):
    """An answer whose data say whether it has been assessed (`assessed`); it is locked then."""

    def assign(self, key: str, value: Any) -> None:
        """Take what was answered; raises `Forbidden` once the answer has been assessed."""
        if self.data.get("assessed") is True:
            raise Forbidden(LOCKED)
        super().assign(key, value)


def can_be_chosen(choices: Sequence[int], options: int, *, multiple: bool) -> bool:
    """Tell whether so many options have these, each once, and not more of them than one may choose."""
    return len(set(choices)) == len(choices) and not why_not_chosen(choices, options, multiple=multiple)


def why_not_chosen(choices: Sequence[int], options: int, *, multiple: bool) -> str:
    """Return why these cannot be chosen of so many options; empty where they can."""
    if why := _why_not_among(choices, options, "options"):
        return why
    return "" if multiple or len(choices) < 2 else f"one option can be chosen here, not {len(choices)}"


def limit_choices(model: DocumentModel, options: int, *, multiple: bool) -> None:
    """Have an answer take in Python, too, what can be chosen of so many options alone."""
    model.limit("choices", lambda value: why_not_chosen(value, options, multiple=multiple))
    limit_order(model, "optionsOrder", options, "options")


def limit_order(model: DocumentModel, key: str, count: int, things: str) -> None:
    """Have an order take in Python the numbers of so many things alone."""
    model.limit(key, lambda value: _why_not_among(value, count, things))


def _why_not_among(numbers: Sequence[int], count: int, things: str) -> str:
    wrong = [number for number in numbers if number >= count]
    return f"the {things} are 0 to {count - 1}, and {wrong[0]} is none of them" if wrong else ""
