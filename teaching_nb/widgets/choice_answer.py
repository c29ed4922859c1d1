"""Single and multiple choice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from traitlets import Bool, List, Unicode

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.misfits import Misfit
from teaching_nb.schema.types.choice_answer import TYPE
from teaching_nb.widgets.answer import AnswerWidget, can_be_chosen, limit_choices
from teaching_nb.widgets.arguments import check_flag, texts
from teaching_nb.widgets.document import show


def choice(
    slug: str,
    options: Sequence[str],
    *,
    multiple: bool = False,
    shuffle: bool = False,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> ChoiceWidget:
    """Return a question with options to choose from, for the document root `slug`.

    `title` is the question. `multiple` lets several options be chosen. `shuffle` shows the options in an order that is
    drawn once for each person and then stays.
    """
    known = _checked(options)
    check_flag("multiple", multiple)
    check_flag("shuffle", shuffle)
    order = random.sample(range(len(known)), len(known)) if shuffle else []
    init = {"optionsOrder": order} if order else None
    return show(ChoiceWidget, slug, init=init, options=known, multiple=multiple, title=title, course=course, room=room)


class ChoiceWidget(AnswerWidget, shows=TYPE):
    """Options to choose from; without them, as in an overview, the numbers of those that were chosen."""

    options = List(Unicode()).tag(sync=True)
    "What can be chosen."
    multiple = Bool().tag(sync=True)
    "Whether several options can be chosen."

    def __init__(
        self, model: DocumentModel, *, options: Sequence[str] = (), multiple: bool = False, **more: Any
    ) -> None:
        self._told, self._multiple = list(options), multiple
        if self._told:
            limit_choices(model, len(self._told), multiple=multiple)
        super().__init__(model, options=self._told, multiple=multiple, **more)

    def find_misfits(self) -> tuple[Misfit, ...]:
        """Return what does not fit: also options that the call does not have, and more of them than can be chosen."""
        odd = super().find_misfits()
        chosen = self.value_of("data").get("choices", [])
        if not self._told or any(misfit.key in {"", "choices"} for misfit in odd):
            return odd
        is_possible = can_be_chosen(chosen, len(self._told), multiple=self._multiple)
        return odd if is_possible else (*odd, Misfit("choices", chosen, is_of_call=True))

    def as_text(self) -> str:
        """Return the options as they are shown, with those that were chosen."""
        data = self.understood()
        chosen, order = data["choices"], data["optionsOrder"]
        numbers = dict.fromkeys([*order, *range(len(self._told))] if self._told else sorted(chosen))
        names = dict(enumerate(self._told)) or {n: f"Option {n + 1}" for n in chosen}
        return "\n".join(f"[{'x' if n in chosen else ' '}] {names[n]}" for n in numbers if n in names)


def _checked(options: Sequence[str]) -> list[str]:
    known = texts("options of a choice", options)
    if len(known) < 2:
        raise InvalidInput(f"a choice needs at least two options, not {len(known)}")
    twice = next((option for option in known if known.count(option) > 1), None)
    if twice is not None:
        raise InvalidInput(f"the option {twice!r} is given twice: whoever chooses could not tell them apart")
    return known
