"""Base of the widgets whose text pages ask the kernel for, because it is no part of a notebook's file.

Neither a trait nor an output holds it: front ends may write both into the file, which may be handed to people who are
not to see the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from traitlets import Bool, TraitError

from teaching_nb.errors import InvalidInput
from teaching_nb.widgets import messages
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.classroom_widget import ClassroomWidget
from teaching_nb.widgets.openings import is_open


class AskedTextWidget(ClassroomWidget):
    """A text that some write and others read, once they may."""

    is_open = Bool().tag(sync=True)
    "Whether the user may see the content."
    is_staff = Bool().tag(sync=True)
    "Whether the user is one of those who write it."

    watched: ClassVar[tuple[str, ...]] = ("data", "is_loaded")
    is_withheld: ClassVar[bool] = True
    how_to_see: ClassVar[str] = "run this cell in a notebook to see it, once it is open to you"

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.Assign: "_assign",
        messages.ShowContent: "_show_content",
    }

    def state(self) -> dict[str, Any]:
        """Return the traits: whether there is something to be seen, and never what."""
        return super().state() | {"is_open": self._is_open(), "is_staff": self._is_staff()}

    def show_model(self) -> None:
        """Make the traits equal to the model's, and have pages ask for the content. Any thread."""
        super().show_model()
        self.send({"kind": "content_changed"})

    def _is_open(self) -> bool:
        return is_open(self.model)

    def _assign(self, message: messages.Assign, reply: Reply) -> None:
        if message.key != "text":
            raise InvalidInput(f"here is nothing called {message.key!r} to be changed; there is text")
        self.model.check_fits()
        try:
            self.model.assign_from(
                "text", self.value_of("text") if message.base is None else message.base, message.value
            )
        except TraitError as error:
            raise InvalidInput(str(error)) from error
        if not self.model.gate.post(reply.give, None):
            reply.refuse("this classroom is closed: run the cell again")

    def _show_content(self, _message: messages.ShowContent, reply: Reply) -> None:
        text, odd = (self.value_of("text"), self.model.misfits) if self._is_open() else ("", ())
        reply.give({"text": text, "misfits": [misfit.shown() for misfit in odd]})
