"""The text answer: one line or several, edited live, and checked where the notebook says what is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from traitlets import Bool, Dict

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.types.string import TYPE
from teaching_nb.widgets import messages
from teaching_nb.widgets.arguments import check_flag
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.checking import Check, check_of
from teaching_nb.widgets.document import show
from teaching_nb.widgets.live_text import LiveTextWidget


def text(
    slug: str,
    init: str = "",
    shared: bool | str = False,  # noqa: FBT001, FBT002 - reads well by position and by name
    *,
    check: Any = None,
    tolerance: float = 0.0,
    hints: Sequence[str] | str = (),
    one_line: bool = False,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> TextWidget:
    """Return a live text answer for the document root `slug`; `init` and `shared` as of `code`.

    `check` is the right answer, for people who check themselves: a text, a number, a pattern of `re.compile` that fits
    the whole answer, or several of them. A number may be away from it by `tolerance`. After each wrong answer one more
    of `hints` is shown. The page never gets what is right, but whoever reads the call does. `one_line`: Enter checks.
    """
    known = check_of(check, tolerance, hints)
    check_flag("one_line", one_line)
    return show(
        TextWidget,
        slug,
        init=init,
        shared=shared,
        check=known,
        one_line=one_line,
        title=title,
        course=course,
        room=room,
    )


class TextWidget(LiveTextWidget, shows=TYPE):
    """An editor for prose."""

    one_line = Bool().tag(sync=True)
    "Whether Enter checks, or does nothing, where it would begin a line."
    is_checked = Bool().tag(sync=True)
    "Whether there is something to compare the answer with."
    verdict = Dict().tag(sync=True)
    "What came of the last check: its `text`, `verdict` (right, wrong or no-number) and `hint`; empty before the first."

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {messages.CheckAnswer: "_check_answer"}

    def __init__(
        self, model: LiveTextModel, *, check: Check | None = None, one_line: bool = False, **options: Any
    ) -> None:
        self._check = check
        self._tried: set[str] = set()
        super().__init__(model, is_checked=check is not None, one_line=one_line, **options)

    def _check_answer(self, message: messages.CheckAnswer, reply: Reply) -> None:
        if self._check is None:
            raise InvalidInput("this notebook does not say what is right")
        verdict = self._check.judge(message.text)
        if verdict != "right":
            # The same answer again is no further try.
            self._tried.add(message.text)
        hint = "" if verdict == "right" else self._check.hint(len(self._tried))
        self.verdict = {"text": message.text, "verdict": verdict, "hint": hint}
        reply.give(None)
