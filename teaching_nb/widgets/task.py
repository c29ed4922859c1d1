"""The tick box of a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from traitlets import Bool, List, Unicode

from teaching_nb.client.models.task_state import TaskStateModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema.types.task_state import STATES as TASK_STATES
from teaching_nb.widgets import messages
from teaching_nb.widgets.base import TeachingWidget
from teaching_nb.widgets.default_classroom import classroom, root_name
from teaching_nb.widgets.shown_model import follow

DEFAULT_STATES = ("unset", "checked", "question")


def task(
    slug: str,
    states: Sequence[str] = DEFAULT_STATES,
    *,
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> TaskWidget:
    """Return a tick box for the document root `slug`; pressing it goes through `states`."""
    room = room or classroom()
    model = room.document(root_name(room, slug, course), type="task_state")
    return TaskWidget(model, states=states, title=slug if title is None else title)


class TaskWidget(TeachingWidget):
    """A button that goes through the states of a task."""

    title = Unicode().tag(sync=True)
    "What is to be done."
    state = Unicode("unset").tag(sync=True)
    "The stored state."
    states = List(Unicode()).tag(sync=True)
    "The states that the button goes through."
    save_state = Unicode("offline").tag(sync=True)
    "saved, saving, offline, refused or read-only, as the model says."
    save_detail = Unicode().tag(sync=True)
    "A sentence about the save state."
    has_unsaved = Bool().tag(sync=True)
    "Whether this kernel holds changes that the hub has not stored."
    notice = Unicode().tag(sync=True)
    "How the document is shared, where that is not what was asked for; empty otherwise."
    access = Unicode().tag(sync=True)
    "What the user may do: one of the nine access words, empty until the hub has answered."

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {messages.SetState: "_set_state"}

    def __init__(self, model: TaskStateModel, *, states: Sequence[str] = DEFAULT_STATES, title: str = "") -> None:
        super().__init__(kind="task", title=title, states=_checked(states))
        self.model = model
        follow(self, model, "state")

    def _set_state(self, message: messages.SetState, _buffers: list[bytes]) -> None:
        if message.state not in TASK_STATES:
            raise InvalidInput(f"not a task state: {message.state!r}")
        self.model.state = message.state


def _checked(states: Sequence[str]) -> list[str]:
    unknown = [state for state in states if state not in TASK_STATES]
    if unknown:
        raise InvalidInput(f"not a task state: {unknown[0]!r}; there are {', '.join(TASK_STATES)}")
    if len(states) < 2:
        raise InvalidInput(f"a task needs at least two states, not {len(states)}")
    return list(states)
