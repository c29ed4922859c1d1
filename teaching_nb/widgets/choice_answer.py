"""Single and multiple choice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from traitlets import Bool, List, Unicode

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.types.choice_answer import TYPE
from teaching_nb.widgets.answer import AnswerWidget
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

    def __init__(self, model: DocumentModel, *, options: Sequence[str] = (), **more: Any) -> None:
        self._told = list(options)
        super().__init__(model, options=self._told, **more)

    def as_text(self) -> str:
        """Return the options as they are shown, with those that were chosen."""
        data = self.value_of("data")
        chosen, order = (_numbers(data.get(key)) for key in ("choices", "optionsOrder"))
        numbers = dict.fromkeys([*order, *range(len(self._told))] if self._told else sorted(chosen))
        names = dict(enumerate(self._told)) or {n: f"Option {n + 1}" for n in chosen}
        return "\n".join(f"[{'x' if n in chosen else ' '}] {names[n]}" for n in numbers if n in names)


def _numbers(value: Any) -> list[int]:
    """Return the numbers of a list that another client may have stored."""
    return [each for each in value if isinstance(each, int)] if isinstance(value, list) else []


def _checked(options: Sequence[str]) -> list[str]:
    known = texts("options of a choice", options)
    if len(known) < 2:
        raise InvalidInput(f"a choice needs at least two options, not {len(known)}")
    twice = next((option for option in known if known.count(option) > 1), None)
    if twice is not None:
        raise InvalidInput(f"the option {twice!r} is given twice: whoever chooses could not tell them apart")
    return known
