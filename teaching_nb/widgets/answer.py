"""Base of the widgets that show an answer which somebody may assess."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    most = options if multiple else 1
    return len(set(choices)) == len(choices) <= most and all(number < options for number in choices)
