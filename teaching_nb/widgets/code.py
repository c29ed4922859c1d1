"""The live code cell: everybody edits one text, each runs it in the own kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents
from teaching_nb.schema.types.code import TYPE
from teaching_nb.widgets import completing, messages
from teaching_nb.widgets.arguments import check_text
from teaching_nb.widgets.base import Reply
from teaching_nb.widgets.document import show, widget_class_of
from teaching_nb.widgets.live_text import LiveTextWidget
from teaching_nb.widgets.running import Runner, run_here


def code(
    slug: str,
    init: str = "",
    shared: bool | str = False,  # noqa: FBT001, FBT002 - reads well by position and by name
    *,
    type: str = TYPE.name,  # noqa: A002 - the word of the protocol
    title: str | None = None,
    course: str | None = None,
    room: Any = None,
) -> CodeWidget:
    """Return a live code cell for the document root `slug`.

    `init` is the text of a document that does not exist yet. `shared`: False is the user's own document,
    True one that everybody in the course edits, "read" one that everybody reads and teachers edit. What a teacher
    asks for counts; whoever asks for something else is told in the cell. `type`: also `script` and `pyodide_code`, code
    of the platform's pages.
    """
    check_text("type", type)
    widget = widget_class_of(documents.document_type(type), type)
    if widget is None or not issubclass(widget, CodeWidget):
        raise InvalidInput(f"type of a code cell is code, script or pyodide_code, not {type!r:.60}")
    return show(widget, slug, init=init, shared=shared, title=title, course=course, room=room)


class CodeWidget(LiveTextWidget, shows=TYPE):
    """A code editor with a Run button.

    Code runs only when the user of this notebook presses Run in an own browser page, or a cell of theirs calls `run`:
    nothing that comes from the hub, from another person or from the model starts a run.
    """

    language = "python"
    page = "code"
    offers_cell = True

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.Run: "_run",
        messages.Interrupt: "_interrupt",
        messages.ClearOutput: "_clear_output",
        messages.ShowOutput: "_show_output",
        messages.Complete: "_complete",
        messages.InputReply: "_input_reply",
    }

    def __init__(self, model: LiveTextModel, **options: Any) -> None:
        super().__init__(model, **options)
        self._runner = Runner(self.send, self.report, lambda: self.comm.comm_id)

    @property
    def code(self) -> str:
        """Return the present text; assign `.model.code` to change it for everybody."""
        return str(getattr(self.model, self.model.text_name))

    def run(self) -> None:
        """Run the present text here and now, in the namespace of the notebook; raises what it raises.

        For cells that go on with what it defines, also where nobody can press Run: in nbconvert, papermill, nbgrader.
        """
        run_here(self.code, f"<{self.title or 'code'}>")

    def _sync_request(self, message: messages.SyncRequest, buffers: list[bytes]) -> None:
        super()._sync_request(message, buffers)
        self._runner.show_all()

    def _run(self, message: messages.Run, _buffers: list[bytes]) -> None:
        self.problem = ""
        self._runner.start(message.run, message.code)

    def _interrupt(self, message: messages.Interrupt, _buffers: list[bytes]) -> None:
        self._runner.interrupt(message.run)

    def _clear_output(self, _message: messages.ClearOutput, _buffers: list[bytes]) -> None:
        self._runner.clear()

    def _show_output(self, _message: messages.ShowOutput, _buffers: list[bytes]) -> None:
        self._runner.show_all()

    def _complete(self, message: messages.Complete, reply: Reply) -> None:
        completing.complete(message.code, message.position, reply)

    def _input_reply(self, message: messages.InputReply, _buffers: list[bytes]) -> None:
        self._runner.answer(message.run, message.number, message.value)
